using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

public sealed class KFacTests
{
    private const int Inputs = 7;
    private const int Outputs = 5;
    private const int Batch = 9;
    private const double Lambda = 0.1;
    private const double Rate = 0.25;

    [Fact]
    public void Steps_OfADenseLayer_AreThoseOfWholeAveragedFactors()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(Inputs, Outputs, random: new RandomStream(1), type: DType.Float64);
        using KFacOptimizer kfac = new(layer, KFacOptimizer.DefaultOptions with
        {
            LearningRate = Rate,
            Momentum = 0,
            Damping = Lambda,
            KlClip = null,
            Refresh = 1,
        });
        double decay = kfac.Curvature.Options.StatisticsDecay;
        Matrix<double> weights = CurvatureBench.Matrix(layer.Weight.Value).Append(CurvatureBench.Matrix(layer.Bias!.Value, 1)); // the layer has a bias
        Matrix<double> a = Matrix<double>.Build.Dense(Inputs + 1, Inputs + 1);
        Matrix<double> g = Matrix<double>.Build.Dense(Outputs, Outputs);
        for (int step = 0; step < 3; step++)
        {
            Tensor input = CurvatureBench.Normal((ulong)(10 + step), Batch, Inputs);
            Tensor coefficients = CurvatureBench.Normal((ulong)(20 + step), Batch, Outputs);
            kfac.ZeroGrad();
            CurvatureBench.Pass(layer, input, coefficients);
            kfac.Step();

            Matrix<double> x = CurvatureBench.Matrix(input).Append(Matrix<double>.Build.Dense(Batch, 1, 1));
            Matrix<double> d = CurvatureBench.Matrix(coefficients);
            double newcomer = (1 - decay) / (1 - Math.Pow(decay, step + 1));
            a = ((1 - newcomer) * a) + (newcomer / Batch * x.TransposeThisAndMultiply(x));
            g = ((1 - newcomer) * g) + (newcomer / Batch * d.TransposeThisAndMultiply(d));
            double pi = Math.Sqrt(a.Trace() / (Inputs + 1) / (g.Trace() / Outputs));
            Matrix<double> gradient = d.TransposeThisAndMultiply(x) / Batch;
            weights -= Rate * CurvatureBench.DampedInverse(g, Math.Sqrt(Lambda) / pi) * gradient * CurvatureBench.DampedInverse(a, Math.Sqrt(Lambda) * pi);
            Assert.True(CurvatureBench.Error(weights.SubMatrix(0, Outputs, 0, Inputs), CurvatureBench.Matrix(layer.Weight.Value)) < 1e-12);
            Assert.True(CurvatureBench.Error(weights.SubMatrix(0, Outputs, Inputs, 1), CurvatureBench.Matrix(layer.Bias!.Value, 1)) < 1e-12); // as above
        }
    }

    [Fact]
    public void Factors_LargerThanTheTileKernelsTake_AreWhole()
    {
        Linear layer = new(600, 2, bias: false, new RandomStream(1));
        using KFacOptimizer kfac = new(layer);
        Assert.Equal(600 * 600, kfac.Curvature.Layers[0].Factors[0].Length);
        Assert.Equal(1, kfac.Curvature.Layers[0].Factors[0].TileCount);
    }

    [Fact]
    public void Factors_LargerThanWhatCanBeDecomposed_AreRefusedWithExactDamping()
    {
        Linear layer = new(600, 2, bias: false, new RandomStream(1));
        ThorOptions options = KFacOptimizer.DefaultOptions with { DampingSplit = DampingSplit.Exact };
        ArgumentException problem = Assert.Throws<ArgumentException>(() => new KFacOptimizer(layer, options));
        Assert.Contains("'Linear.A' would have one of 600", problem.Message, StringComparison.Ordinal);
        Assert.Null(layer.Observer);
    }
}
