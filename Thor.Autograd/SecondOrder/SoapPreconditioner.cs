using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// SOAP (Vyas et al. 2024): Adam in the eigenbasis of Shampoo's Gram matrices. What it makes is a whole step, for vectors plain Adam's, so the rule behind it
/// should be gradient descent, at Adam's learning rates.
/// </summary>
/// <remarks>
/// One step, for each weight matrix:
/// <code>
/// g = U^T G V
/// m = b1 m + (1 - b1) g,  s = b2 s + (1 - b2) g^2                         Adam
/// v = U (m / (1 - b1^t) / (sqrt(s / (1 - b2^t)) + epsilon)) V^T
/// L = b L + (1 - b) G G^T,  R likewise of G^T G, diagonal tiles only      GramMatrix
/// if a refresh is due: L = U D U^T,  R = V E V^T, tile by tile            TileEigen
///                      m turned from the old basis into the new one
/// </code>
/// The basis never comes from the gradient that is turned into it: in its own basis a gradient is diagonal, and Adam would blow up what rounding leaves beside the
/// diagonal. So the first gradient of a matrix makes a basis and no step. Eigenvectors come from decompositions, not from steps of QR. Nothing waits for the device.
/// </remarks>
public sealed class SoapPreconditioner : GramPreconditioner
{
    private readonly SoapOptions _options;
    private readonly Dictionary<Parameter, Moments> _moments = [];
    private readonly Tensor _updates;

    /// <summary>Makes steps for all parameters of a model.</summary>
    /// <param name="model">The model, on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="SoapOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range, or a tile is larger than what can be decomposed.</exception>
    public SoapPreconditioner(Module model, SoapOptions? options = null)
        : base(model, options ?? new SoapOptions())
    {
        _options = (SoapOptions)Options;
        Require.Fraction(_options.Beta1, nameof(SoapOptions.Beta1));
        Require.Fraction(_options.Beta2, nameof(SoapOptions.Beta2));
        Require.NotNegative(_options.Epsilon, nameof(SoapOptions.Epsilon));
        foreach (GramMatrix matrix in Matrices)
        {
            int largest = TileLayout.Size(Math.Max(matrix.Rows, matrix.Columns), _options.TileSize);
            if (largest > TileLayout.MaximumDimension)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(options), _options.TileSize, $"SOAP decomposes tiles of at most {TileLayout.MaximumDimension} rows; '{matrix.Left.Layer}' would have one of {largest}.");
            }

            _moments.Add(matrix.Parameter, new Moments(matrix.Left.Layer, matrix.Direction));
        }

        foreach ((string name, Parameter parameter) in Others)
        {
            _moments.Add(parameter, new Moments(name, parameter.Value));
        }

        _updates = Tensor.Zeros([_moments.Count], DType.Int32).Persist();
    }

    /// <inheritdoc/>
    public override Tensor? Direction(Parameter parameter)
    {
        Parameter[] others = [.. Others.Select(static other => other.Value)];
        return others.Contains(parameter) ? _moments[parameter].Step?.Clone() : base.Direction(parameter);
    }

    /// <inheritdoc/>
    private protected override string ResultName => "basis";

    /// <inheritdoc/>
    private protected override void Advance(IReadOnlyList<GramMatrix> matrices, bool isDue)
    {
        foreach (GramMatrix matrix in matrices)
        {
            bool isFirst = matrix.Count == 0;
            Moments moments = _moments[matrix.Parameter];
            matrix.Direction.CopyFrom(isFirst
                ? Tensor.Zeros(matrix.Direction.Shape, matrix.Direction.DType, matrix.Direction.Device)
                : TileRotation.Back(matrix, Adam(moments, TileRotation.Into(matrix, matrix.Gradient))));
            matrix.Observe(Options.StatisticsDecay);
            if (isDue || isFirst)
            {
                Tensor plain = TileRotation.Back(matrix, moments.Mean);
                Decompose(matrix.Left);
                Decompose(matrix.Right);
                moments.Mean.CopyFrom(TileRotation.Into(matrix, plain));
            }
        }

        foreach ((_, Parameter parameter) in Others)
        {
            Moments moments = _moments[parameter];
            moments.Step?.Dispose();
            moments.Step = parameter.Gradient is Tensor gradient ? Adam(moments, gradient.Contiguous()).Persist() : null;
        }
    }

    /// <inheritdoc/>
    private protected override void AddState(StateDict state)
    {
        Span<int> updates = _updates.AsSpan<int>();
        int next = 0;
        state.Add("updates", _updates);
        foreach (Moments moments in _moments.Values)
        {
            updates[next++] = checked((int)moments.Updates);
            state.Add($"{moments.Name}.mean", moments.Mean);
            state.Add($"{moments.Name}.mean_square", moments.MeanSquare);
        }
    }

    /// <inheritdoc/>
    private protected override void Restore()
    {
        ReadOnlySpan<int> updates = _updates.AsSpan<int>();
        int next = 0;
        foreach (Moments moments in _moments.Values)
        {
            moments.Updates = updates[next++];
        }
    }

    /// <inheritdoc/>
    private protected override void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        base.Apply(parameter, ref gradient, ref scale, ref deviceScale);
        if (_moments.TryGetValue(parameter, out Moments? moments) && moments.Step is Tensor step)
        {
            gradient = step;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (Moments moments in _moments.Values)
        {
            moments.Dispose();
        }

        _updates.Dispose();
        base.Dispose(disposing);
    }

    private static void Decompose(KroneckerFactor factor)
    {
        Tensor values = factor.Tiles.EmptyLike([factor.Dimension]);
        TileSlot[] slots = TileLayout.Slots(factor.Dimension, factor.TileSize);
        Tensor status = Tensor.Empty([slots.Length], DType.Int32, factor.Tiles.Device);
        factor.Tiles.Device.Backend.TileEigen(factor.Tiles, factor.Inverse, values, slots, status); // a tile that fails keeps its basis
    }

    /// <summary>Adam's step of rate 1, with its sign turned: what gradient descent is to subtract.</summary>
    private Tensor Adam(Moments moments, Tensor gradient)
    {
        moments.Updates++;
        Tensor step = Tensor.Zeros(gradient.Shape, gradient.DType, gradient.Device);
        UpdateStep numbers = new(LearningRate: -1, Beta1: _options.Beta1, Beta2: _options.Beta2, Epsilon: _options.Epsilon, Count: moments.Updates);
        gradient.Device.Backend.Update(UpdateRule.Adam, numbers, step, gradient, moments.Mean, moments.MeanSquare);
        return step;
    }

    /// <summary>What Adam remembers of a parameter.</summary>
    private sealed class Moments(string name, Tensor like) : IDisposable
    {
        public string Name { get; } = name;

        public Tensor Mean { get; } = Tensor.Zeros(like.Shape, like.DType, like.Device).Persist();

        public Tensor MeanSquare { get; } = Tensor.Zeros(like.Shape, like.DType, like.Device).Persist();

        public long Updates { get; set; }

        /// <summary>The last step of a parameter that is no matrix.</summary>
        public Tensor? Step { get; set; }

        public void Dispose()
        {
            Mean.Dispose();
            MeanSquare.Dispose();
            Step?.Dispose();
        }
    }
}
