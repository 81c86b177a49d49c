using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Newton's method and the natural gradient against matrices that are formed by hand.</summary>
public sealed class ExactPreconditionerTests
{
    private static readonly int[] s_labels = [0, 1, 2, 0, 1, 2, 0];

    [Theory]
    [InlineData(512)]
    [InlineData(0)] // conjugate gradients
    public void Newton_OnAQuadratic_ReachesTheMinimumInOneStep(int matrixLimit)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor root = CurvatureBench.Normal(1, 6, 6);
        Tensor matrix = root.MatMul(root.Transpose()) + Tensor.From([.. Enumerable.Range(0, 36).Select(static i => i % 7 == 0 ? 1.0 : 0)], [6, 6]);
        Tensor minimum = CurvatureBench.Normal(2, 6);
        Point model = new(CurvatureBench.Normal(3, 6));
        ExactOptions options = new() { Damping = 0, MatrixLimit = matrixLimit, Tolerance = 1e-13, KlClip = null };
        using Preconditioned newton = new(new NewtonPreconditioner(model, options), new Sgd(ParameterGroup.Of(model), 1));
        Step(newton, () =>
        {
            Variable away = model.Place - minimum;
            return away.MatMul(new Variable(matrix).MatMul(away)) * 0.5;
        });
        double[] expected = minimum.ToArray<double>();
        double[] actual = model.Place.Value.ToArray<double>();
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-10);
        }
    }

    [Theory]
    [InlineData("newton", 512)]
    [InlineData("newton", 0)]
    [InlineData("natural-gradient", 512)]
    [InlineData("natural-gradient", 0)]
    public void Direction_OfANetwork_SolvesTheDampedSystem(string kind, int matrixLimit)
    {
        using TensorScope scope = TensorScope.Begin();
        Mlp model = new([3, 4, 3], Activation.Tanh, new RandomStream(1), DType.Float64);
        Tensor x = CurvatureBench.Normal(4, 7, 3);
        Variable Loss() => Losses.CrossEntropy(model.Forward(x), Tensor.From(s_labels));
        // The Hessian has an eigenvalue of -0.86; the damping makes it positive definite.
        ExactOptions options = new() { Damping = 2, MatrixLimit = matrixLimit, Tolerance = 1e-12, KlClip = null };
        using ExactPreconditioner preconditioner = kind == "newton" ? new NewtonPreconditioner(model, options) : new NaturalGradientPreconditioner(model, options);
        Matrix<double> curvature = kind == "newton"
            ? CurvatureBench.Matrix(Curvature.Hessian(Loss, model.Parameters()))
            : EnumeratedFisher(model, x);
        Loss().Backward();
        preconditioner.Transform(1, Loss);
        Vector<double> gradient = Flat(model.Parameters().Select(static p => p.Gradient!)); // of the pass above
        Vector<double> expected = (curvature + (2 * Matrix<double>.Build.DenseIdentity(gradient.Count))).Solve(gradient);
        Vector<double> actual = Flat(model.Parameters().Select(p => preconditioner.Direction(p)!)); // it knows all parameters
        Assert.True((expected - actual).InfinityNorm() < 1e-9 * expected.InfinityNorm(), $"{(expected - actual).InfinityNorm()}");
        Assert.Equal(matrixLimit == 0, preconditioner.LastIterations > 0);
        Assert.Equal(2, preconditioner.LastDamping);
    }

    [Fact]
    public void ExactFisher_OfANetwork_IsTheExpectationOverLabels()
    {
        using TensorScope scope = TensorScope.Begin();
        Mlp model = new([3, 4, 3], Activation.Tanh, new RandomStream(1), DType.Float64);
        Tensor x = CurvatureBench.Normal(4, 7, 3);
        Matrix<double> fisher = CurvatureBench.Matrix(Curvature.ExactFisher(model, x));
        Assert.True(CurvatureBench.Error(EnumeratedFisher(model, x), fisher) < 1e-12);
        Assert.True(CurvatureBench.Error(fisher.Transpose(), fisher) < 1e-12);
    }

    [Fact]
    public void NaturalGradient_OfLogisticRegression_IsNewtonsMethod()
    {
        using TensorScope scope = TensorScope.Begin();
        Mlp model = new([5, 3], random: new RandomStream(2), type: DType.Float64);
        Tensor x = CurvatureBench.Normal(5, 7, 5);
        Variable Loss() => Losses.CrossEntropy(model.Forward(x), Tensor.From(s_labels));
        Loss().Backward();
        using NewtonPreconditioner newton = new(model);
        using NaturalGradientPreconditioner natural = new(model);
        newton.Transform(1, Loss);
        natural.Transform(1, Loss);
        foreach (Parameter parameter in model.Parameters())
        {
            Assert.True(CurvatureBench.Error(Row(newton.Direction(parameter)), Row(natural.Direction(parameter))) < 1e-12);
        }
    }

    [Fact]
    public void Newton_OnASaddle_StillDescends()
    {
        // (x^2 - y^2) / 2 and a little: the Hessian is indefinite, and the undamped step would climb.
        foreach (int matrixLimit in new[] { 512, 0 })
        {
            using TensorScope scope = TensorScope.Begin();
            Point model = new(Tensor.From(0.5, 1.0));
            using NewtonPreconditioner newton = new(model, new ExactOptions { Damping = 0, MatrixLimit = matrixLimit });
            Variable sign = Tensor.From(0.5, -0.5);
            Variable Loss() => (model.Place.Square() * sign).Sum();
            Loss().Backward();
            newton.Transform(1, Loss);
            double[] g = model.Place.Gradient!.ToArray<double>(); // of the pass above
            double[] d = newton.Direction(model.Place)!.ToArray<double>();
            Assert.True((g[0] * d[0]) + (g[1] * d[1]) > 0);
            Assert.Equal(matrixLimit > 0, newton.LastDamping > 1);
        }
    }

    [Fact]
    public void Step_WithoutTheLoss_SaysWhatIsMissing()
    {
        Mlp model = new([2, 2], random: new RandomStream(1));
        using Preconditioned newton = new(new NewtonPreconditioner(model), new Sgd(ParameterGroup.Of(model), 1));
        Assert.Contains("give it to the step", Assert.Throws<InvalidOperationException>(newton.Step).Message, StringComparison.Ordinal);
        Mlp other = new([2, 2], random: new RandomStream(1));
        using Preconditioned natural = new(new NaturalGradientPreconditioner(model), new Sgd(ParameterGroup.Of(model), 1));
        Assert.Contains("did not run the model", Assert.Throws<InvalidOperationException>(
            () => natural.Step(() => other.Forward(Tensor.Ones([1, 2])).Sum())).Message, StringComparison.Ordinal);
    }

    /// <summary>1/N sum over inputs and classes of p g g^T, g the gradient of -log p, one backward pass each.</summary>
    private static Matrix<double> EnumeratedFisher(Mlp model, Tensor x)
    {
        int samples = x.Shape[0];
        int count = (int)model.Parameters().Sum(static p => p.Value.Length);
        Matrix<double> fisher = Matrix<double>.Build.Dense(count, count);
        for (int sample = 0; sample < samples; sample++)
        {
            Variable logits = model.Forward(x.Slice(0, sample, 1));
            double[] p = logits.Value.Softmax().ToArray<double>();
            for (int label = 0; label < p.Length; label++)
            {
                Vector<double> g = Flat(Gradients.Of(Losses.CrossEntropy(logits, Tensor.From(label)), model.Parameters()).Select(static v => v.Value));
                fisher += p[label] / samples * g.OuterProduct(g);
            }
        }

        return fisher;
    }

    private static void Step(Preconditioned optimizer, Func<Variable> loss)
    {
        loss().Backward();
        optimizer.Step(loss);
    }

    private static Vector<double> Flat(IEnumerable<Tensor> tensors) =>
        Vector<double>.Build.Dense([.. tensors.SelectMany(static t => t.ToArray<double>())]);

    private static Matrix<double> Row(Tensor? tensor) => CurvatureBench.Matrix(tensor!.Reshape(1, -1)); // it knows all parameters

    /// <summary>A model that is one vector.</summary>
    private sealed class Point : Module
    {
        public Point(Tensor place)
        {
            Place = Register("place", new Parameter(place));
        }

        public Parameter Place { get; }
    }
}
