using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>
/// What the ladder looks at: the second-order code on one device in one element type. All that it computes comes to the host through
/// <see cref="Read(Tensor)"/>, where a test can falsify it to prove that a check notices.
/// </summary>
/// <param name="device">The device.</param>
/// <param name="type">Float32, or on the host also Float64.</param>
/// <param name="fault">Falsifies what is read; null for the truth.</param>
internal sealed class Subject(Device device, DType type, Func<double[], double[]>? fault = null) : IDisposable
{
    private readonly Stack<IDisposable> _owned = [];

    public DType Type => type;

    /// <summary>Unit roundoff of the element type.</summary>
    public double Unit => type == DType.Float64 ? 1.0 / (1L << 53) : 1.0 / (1 << 24);

    /// <summary>Normal numbers, representable in Float32 and the same for the same seed, in double on the host.</summary>
    public static Tensor Normal(ulong seed, params int[] shape) => new RandomStream(seed).Normal(new Shape(shape)).Cast(DType.Float64);

    /// <summary>Options that refresh at every step and clip nothing.</summary>
    public static KroneckerOptions Options(int tileSize = 64, double damping = 0.1) =>
        new() { TileSize = tileSize, Damping = damping, KlClip = null, Refresh = RefreshSchedule.Every(1) };

    /// <summary>Numbers of the host on the device, floating ones in the element type.</summary>
    public Tensor On(Tensor host) => (host.DType.IsFloating() ? host.Cast(type) : host).To(device);

    /// <summary>Results of the device.</summary>
    public double[] Read(Tensor result)
    {
        double[] values = result.To(Device.Host).Cast(DType.Float64).ToArray<double>();
        return fault is null ? values : fault(values);
    }

    /// <summary>Results of the device as a matrix with that many columns; by default the last axis.</summary>
    public ReferenceMatrix Read(Tensor result, int? columns)
    {
        double[] values = Read(result);
        int width = columns ?? result.Shape[-1];
        return new ReferenceMatrix(values.Length / width, width, values);
    }

    /// <summary>The whole symmetric matrix of a run of tiles, zero off the tiles.</summary>
    public ReferenceMatrix Whole(KroneckerFactor factor, Tensor run)
    {
        ReferenceMatrix whole = new(factor.Dimension, factor.Dimension);
        for (int tile = 0; tile < factor.TileCount; tile++)
        {
            int start = tile * factor.TileSize;
            ReferenceMatrix own = Read(factor.Tile(run, tile), null);
            for (int i = 0; i < own.Rows; i++)
            {
                for (int j = 0; j < own.Columns; j++)
                {
                    whole[start + i, start + j] = own[i, j];
                }
            }
        }

        return whole;
    }

    /// <summary>A or G as the preconditioner holds it.</summary>
    public ReferenceMatrix Statistics(LayerCurvature curvature, int factor) => Whole(curvature.Factors[factor], curvature.Factors[factor].Tiles);

    /// <summary>T (G kron A): the curvature of a weight (outputs, inputs) taken row by row.</summary>
    public ReferenceMatrix Block(LayerCurvature curvature, int group = 0) =>
        curvature.Positions * Statistics(curvature, (2 * group) + 1).Kronecker(Statistics(curvature, 2 * group));

    /// <summary>A model on the device, and the same in double on the host.</summary>
    public (T Own, T Reference) Twins<T>(Func<DType, T> make)
        where T : Layer
    {
        // Initial weights are drawn in single precision whatever the type.
        T drawn = Owned(make(DType.Float32));
        T own = Owned(make(type));
        T reference = Owned(make(DType.Float64));
        own.Load(drawn.StateDict());
        reference.Load(drawn.StateDict());
        own.To(device);
        return (own, reference);
    }

    /// <summary>A preconditioner that watches a model until the subject is disposed.</summary>
    public KroneckerPreconditioner Watch(Layer model, KroneckerOptions options)
    {
        KroneckerPreconditioner curvature = new(model, options);
        _owned.Push(curvature);
        return curvature;
    }

    /// <summary>
    /// A forward and backward pass with given gradients of the per-sample loss in the output: the loss is the mean over samples of
    /// coefficients times outputs.
    /// </summary>
    public void Pass(Layer model, Tensor input, Tensor coefficients)
    {
        foreach (Parameter parameter in model.Parameters())
        {
            parameter.ZeroGrad();
        }

        model.Forward(On(input)).Backward(On(coefficients / input.Shape[0]));
    }

    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? owned))
        {
            owned.Dispose();
        }
    }

    private T Owned<T>(T model)
        where T : Layer
    {
        _owned.Push(new Parameters(model));
        return model;
    }

    /// <summary>Gives the memory of a model back.</summary>
    private sealed class Parameters(Layer model) : IDisposable
    {
        public void Dispose()
        {
            foreach (Parameter parameter in model.Parameters())
            {
                parameter.ZeroGrad();
                parameter.Value.Dispose();
            }
        }
    }
}
