using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Paths;

/// <summary>
/// A surface over two weights: logistic regression on two features that are nearly one, which makes a long and narrow valley. Labels are drawn from the model at
/// weights of its own. In double precision on the host.
/// </summary>
internal sealed class PathSurface
{
    public const string Description = "logistic regression over two weights, features correlated by 0.91";

    private const int Samples = 256;
    private const int NewtonSteps = 30;

    // Rows: features; columns: the independent numbers that they mix.
    private static readonly double[] s_mix = [0.9, 0.2, 0.9, -0.2];
    private static readonly double[] s_weights = [0.8, 0.4];
    private readonly Tensor _x;
    private readonly Tensor _labels;
    private readonly Linear _model = new(2, 1, bias: false, new RandomStream(1), DType.Float64);

    public PathSurface()
    {
        RandomStream random = new(3);
        Tensor mix = Tensor.From(s_mix, [2, 2]);
        _x = random.Normal([Samples, 2], DType.Float64).MatMul(mix.Transpose());
        Tensor odds = _x.MatMul(Tensor.From(s_weights, [2, 1]));
        _labels = Tensor.Map(Kernels.BinaryOperation.Greater, odds.Map(Kernels.UnaryOperation.Sigmoid), random.Uniform([Samples, 1], type: DType.Float64));
    }

    /// <summary>Where all paths begin.</summary>
    public static (double X, double Y) Start => (-1.5, 1.5);

    /// <summary>The model.</summary>
    public Layer Model => _model;

    /// <summary>The loss at the weights as they are.</summary>
    public Variable Loss() => Losses.BinaryCrossEntropyWithLogits(Model.Forward(_x), _labels);

    /// <summary>Sets both weights.</summary>
    public void Place(double x, double y) => _model.Weight.Value.CopyFrom(Tensor.From([x, y], [1, 2]));

    /// <summary>Sets the weights to the minimum, which Newton's method finds.</summary>
    public void PlaceAtMinimum()
    {
        Place(0, 0);
        using Preconditioned newton = new(
            new NewtonPreconditioner(Model, new ExactOptions { Damping = 0, KlClip = null }), new Sgd(ParameterGroup.Of(Model), 1));
        for (int step = 0; step < NewtonSteps; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            newton.ZeroGrad();
            Loss().Backward();
            newton.Step(Loss);
        }
    }

    /// <summary>The place on the surface.</summary>
    public PathPoint Here()
    {
        using TensorScope scope = TensorScope.Begin();
        using (Gradients.Disabled())
        {
            double[] weights = _model.Weight.Value.ToArray<double>();
            return new PathPoint(weights[0], weights[1], Loss().Value.Item());
        }
    }
}
