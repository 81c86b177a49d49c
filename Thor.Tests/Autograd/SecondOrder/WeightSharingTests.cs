using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;
using Loss = Thor.Autograd.Losses.Losses;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Layers that use their weight at several positions: both approximations against their definitions, and each where it is exact.</summary>
public sealed class WeightSharingTests
{
    private const double Tolerance = 1e-12;
    private const int Samples = 4;

    [Theory]
    [InlineData(new[] { 6, 5 }, BiasRule.FirstOrder)]
    [InlineData(new[] { 3, 4, 5 }, BiasRule.FirstOrder)]
    [InlineData(new[] { 2, 3, 2, 5 }, BiasRule.Homogeneous)]
    public void Reduce_DenseLayer_HasMeansOfInputsAndSumsOfGradients(int[] shape, BiasRule bias)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(5, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Reduced() with { Bias = bias });
        Tensor x = CurvatureBench.Normal(2, shape);
        Tensor g = CurvatureBench.Normal(3, [.. shape[..^1], 3]);
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        int positions = (int)(x.Length / 5 / shape[0]);
        Matrix<double> inputs = SumsOf(CurvatureBench.Matrix(x), positions) / positions;
        inputs = bias == BiasRule.Homogeneous ? inputs.Append(Matrix<double>.Build.Dense(shape[0], 1, 1)) : inputs;
        AssertFactors(curvature[layer], 0, inputs, SumsOf(CurvatureBench.Matrix(g), positions));
        Assert.Equal(1, curvature[layer].Positions);
    }

    [Theory]
    [MemberData(nameof(StatisticsTests.Geometries), MemberType = typeof(StatisticsTests))]
    public void Reduce_Convolution_HasMeanPatchesAndSumsOfGradients(Convolution2d geometry, int kernelY, int kernelX)
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(4, 8, (kernelY, kernelX), geometry, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Reduced());
        Tensor x = CurvatureBench.Normal(2, 3, 4, 6, 7);
        Tensor g = CurvatureBench.Normal(3, 3, 8, geometry.OutputHeight(6, kernelY), geometry.OutputWidth(7, kernelX));
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        int positions = g.Shape[2] * g.Shape[3];
        for (int group = 0; group < geometry.Groups; group++)
        {
            Matrix<double> patches = CurvatureBench.Patches(x, g.Shape, geometry, kernelY, kernelX, group);
            Matrix<double> pixels = CurvatureBench.Patches(g, g.Shape, Convolution2d.Default with { Groups = geometry.Groups }, 1, 1, group);
            AssertFactors(curvature[layer], group, SumsOf(patches, positions) / positions, SumsOf(pixels, positions));
        }
    }

    [Fact]
    public void Expand_DeepLinearNetworkOfEveryPosition_IsTheExactGaussNewtonMatrix() =>
        AssertExact(WeightSharing.Expand, static outputs => outputs, positions: 3);

    [Fact]
    public void Reduce_DeepLinearNetworkWithAMeanOverPositions_IsTheExactGaussNewtonMatrix() =>
        AssertExact(WeightSharing.Reduce, static outputs => outputs.Mean(1), positions: 1);

    [Fact]
    public void Reduce_LinearConvolutionsWithAGlobalMean_AreTheExactGaussNewtonMatrix()
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d first = new(2, 2, 2, bias: false, random: new RandomStream(1), type: DType.Float64);
        Conv2d last = new(2, 3, 2, bias: false, random: new RandomStream(2), type: DType.Float64);
        AssertExact(WeightSharing.Reduce, x => last.Forward(first.Forward(x)).Mean(2, 3), last, CurvatureBench.Normal(5, Samples, 2, 4, 5), 1);
    }

    [Fact]
    public void Traces_OfReducedLayers_AreThoseOfTheFactorsThatAreFormed()
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(4, 6, 3, new Convolution2d(2, 1, 1, 2, 1, 2, Groups: 2), random: new RandomStream(1), type: DType.Float64);
        foreach (FisherEstimator estimator in (FisherEstimator[])[FisherEstimator.Empirical, FisherEstimator.InputOnly])
        {
            using KroneckerPreconditioner curvature = new(layer, Reduced() with { TraceRule = TraceRule.ThorNt, Damping = 0, Fisher = estimator });
            CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 3, 4, 7, 6), CurvatureBench.Normal(3, 3, 6, 4, 6));
            double trace = curvature.Refresh().Decisions[0].Trace!.Value;
            double[] traces = [.. curvature[layer].Factors.Select(static factor => CurvatureBench.Whole(factor, factor.Tiles).Trace())];
            double expected = estimator == FisherEstimator.InputOnly ? 3 * traces.Sum() : (traces[0] * traces[1]) + (traces[2] * traces[3]);
            Assert.Equal(1, trace / expected, 1e-12);
        }
    }

    /// <summary>Two dense layers over three positions without a bias between them, then a head and the squared error of all its outputs.</summary>
    private static void AssertExact(WeightSharing sharing, Func<Variable, Variable> head, int positions)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear first = new(4, 3, bias: false, random: new RandomStream(1), type: DType.Float64);
        Linear last = new(3, 2, bias: false, random: new RandomStream(2), type: DType.Float64);
        Tensor x = CurvatureBench.Normal(5, Samples, 3, 4);
        AssertExact(sharing, v => head(last.Forward(first.Forward(v))), first, x, positions);
        AssertExact(sharing, v => head(last.Forward(first.Forward(v))), last, x, positions);
    }

    /// <summary>T (A kron G) of a layer against the mean over samples of J^T H J, whose columns are gradients of single samples.</summary>
    private static void AssertExact(WeightSharing sharing, Func<Variable, Variable> forward, CurvatureLayer layer, Tensor x, int positions)
    {
        KroneckerOptions options = Reduced() with { Sharing = sharing, Fisher = FisherEstimator.GaussNewton };
        using KroneckerPreconditioner curvature = new(layer, options);
        Variable outputs = forward(x);
        curvature.ObserveLoss(Loss.MeanSquaredError(outputs, Tensor.Zeros(outputs.Shape, DType.Float64), LossReduction.Sum));
        curvature.Refresh();

        int weights = (int)layer.Weight.Value.Length;
        Matrix<double> expected = Matrix<double>.Build.Dense(weights, weights);
        for (int sample = 0; sample < Samples; sample++)
        {
            PredictiveDistribution one = PredictiveDistribution.Gaussian(forward(x.Slice(0, sample, 1)));
            for (int column = 0; column < one.Columns; column++)
            {
                Variable root = Gradients.Of(one.Outputs, [layer.Weight], one.RootColumn(column))[0];
                Vector<double> s = Vector<double>.Build.Dense(root.Value.ToArray<double>());
                expected += s.OuterProduct(s) / Samples;
            }
        }

        KroneckerFactor[] factors = [.. curvature[layer].Factors];
        Matrix<double> product = CurvatureBench.Whole(factors[1], factors[1].Tiles).KroneckerProduct(CurvatureBench.Whole(factors[0], factors[0].Tiles));
        double error = CurvatureBench.Error(expected, positions * product);
        Assert.True(error < Tolerance, $"error {error}");
    }

    private static KroneckerOptions Reduced() => CurvatureBench.Plain(tileSize: 64) with { Sharing = WeightSharing.Reduce };

    /// <summary>The sum of every run of rows.</summary>
    private static Matrix<double> SumsOf(Matrix<double> rows, int run) =>
        Matrix<double>.Build.Dense(rows.RowCount / run, rows.ColumnCount, (i, j) => Enumerable.Range(i * run, run).Sum(row => rows[row, j]));

    private static void AssertFactors(LayerCurvature curvature, int group, Matrix<double> inputs, Matrix<double> gradients)
    {
        KroneckerFactor a = curvature.Factors[2 * group];
        KroneckerFactor g = curvature.Factors[(2 * group) + 1];
        Assert.True(CurvatureBench.Error(inputs.TransposeThisAndMultiply(inputs) / inputs.RowCount, CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
        Assert.True(CurvatureBench.Error(gradients.TransposeThisAndMultiply(gradients) / inputs.RowCount, CurvatureBench.Whole(g, g.Tiles)) < Tolerance);
    }
}
