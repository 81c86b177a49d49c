using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Directions against dense inverses, in double.</summary>
public sealed class PreconditioningTests
{
    private const double Tolerance = 1e-10;

    [Theory]
    [InlineData(16, BiasRule.FirstOrder)] // one tile covers each factor
    [InlineData(4, BiasRule.FirstOrder)] // ragged tails
    [InlineData(3, BiasRule.FirstOrder)]
    [InlineData(1, BiasRule.FirstOrder)]
    [InlineData(16, BiasRule.Homogeneous)]
    [InlineData(4, BiasRule.Homogeneous)]
    public void Dense_AnyTileSize_IsTheBlockMaskedInverseOnBothSides(int tileSize, BiasRule bias)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(11, 6, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize, 0.04) with { Bias = bias });
        Tensor x = CurvatureBench.Normal(2, 9, 11);
        Tensor g = CurvatureBench.Normal(3, 9, 6);
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();
        curvature.Precondition(0.1);

        Matrix<double> rows = CurvatureBench.Matrix(x);
        rows = bias == BiasRule.Homogeneous ? rows.Append(Matrix<double>.Build.Dense(9, 1, 1)) : rows;
        Matrix<double> gradients = CurvatureBench.Matrix(g);
        Matrix<double> expected = Expected(
            rows.TransposeThisAndMultiply(rows) / 9, gradients.TransposeThisAndMultiply(gradients) / 9, gradients.TransposeThisAndMultiply(rows) / 9, tileSize, 0.2);
        Matrix<double> actual = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!);
        if (bias == BiasRule.Homogeneous)
        {
            actual = actual.Append(CurvatureBench.Matrix(curvature.Direction(layer.Bias!)!, 1));
        }
        else
        {
            Assert.Null(curvature.Direction(layer.Bias!));
        }

        Assert.True(CurvatureBench.Error(expected, actual) < Tolerance);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 64)]
    [InlineData(2, 5)]
    public void Convolution_DampingSplitOverPositions_DampsTheProductOfAllPositions(int groups, int tileSize)
    {
        const double Lambda = 0.3;
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(4, 6, 3, new Convolution2d(PaddingY: 1, PaddingX: 1, StrideX: 2, Groups: groups), random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize, Lambda));
        Tensor x = CurvatureBench.Normal(2, 5, 4, 6, 6);
        CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 5, 6, 6, 3));
        curvature.Refresh();
        curvature.Precondition(0.1);

        LayerCurvature own = curvature[layer];
        Matrix<double> gradient = CurvatureBench.Matrix(layer.Weight.Gradient!, 36 / groups);
        Matrix<double> actual = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!, 36 / groups);
        for (int group = 0; group < groups; group++)
        {
            int outputs = 6 / groups;
            Matrix<double> a = CurvatureBench.Whole(own.Factors[2 * group], own.Factors[2 * group].Tiles);
            Matrix<double> g = CurvatureBench.Whole(own.Factors[(2 * group) + 1], own.Factors[(2 * group) + 1].Tiles);
            Matrix<double> expected = Expected(a, g, gradient.SubMatrix(group * outputs, outputs, 0, 36 / groups), tileSize, Math.Sqrt(Lambda / 18)) / 18;
            Assert.True(CurvatureBench.Error(expected, actual.SubMatrix(group * outputs, outputs, 0, 36 / groups)) < Tolerance);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(2)]
    public void Embedding_DiagonalAndDense_DividesRowsAndMultipliesByTheInverse(int tileSize)
    {
        using TensorScope scope = TensorScope.Begin();
        Embedding layer = new(5, 3, new RandomStream(1), DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize, 0.04));
        Tensor g = CurvatureBench.Normal(3, 2, 3, 3);
        CurvatureBench.Pass(layer, Tensor.From([0, 1, 1, 3, 3, 3], [2, 3]), g);
        curvature.Refresh();
        curvature.Precondition(0.1);

        Matrix<double> gradients = CurvatureBench.Matrix(g);
        Matrix<double> output = CurvatureBench.Masked(gradients.TransposeThisAndMultiply(gradients) / 6, tileSize);
        Matrix<double> expected = CurvatureBench.DampedInverse(Matrix<double>.Build.DenseOfDiagonalArray([0.5, 1, 0, 1.5, 0]), 0.2)
            * CurvatureBench.Matrix(layer.Weight.Gradient!) * CurvatureBench.DampedInverse(output, 0.2);
        Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(curvature.Direction(layer.Weight)!)) < Tolerance);
    }

    [Fact]
    public void LayerNorm_EveryStep_FollowsTheDiagonalRule()
    {
        using TensorScope scope = TensorScope.Begin();
        LayerNorm layer = new(4, type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(damping: 0.04));
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 3, 2, 4), CurvatureBench.Normal(3, 3, 2, 4));
        curvature.Refresh();
        curvature.Precondition(0.1);
        foreach (Parameter parameter in layer.Parameters())
        {
            double[] g = parameter.Gradient!.ToArray<double>();
            double[] p = curvature.Direction(parameter)!.ToArray<double>();
            for (int i = 0; i < g.Length; i++)
            {
                Assert.Equal(g[i] / ((g[i] * g[i] / 3) + 0.2), p[i], 1e-14);
            }
        }
    }

    [Fact]
    public void PiDamping_InputsRescaledAgainstGradients_LeavesTheDirection()
    {
        double[] pi = Rescaled(DampingSplit.Pi, 1);
        double[] piRescaled = Rescaled(DampingSplit.Pi, 8);
        double[] plain = Rescaled(DampingSplit.Plain, 1);
        double[] plainRescaled = Rescaled(DampingSplit.Plain, 8);
        double scale = pi.Max(Math.Abs);
        Assert.True(pi.Zip(piRescaled, static (a, b) => Math.Abs(a - b)).Max() < 1e-12 * scale);
        Assert.True(plain.Zip(plainRescaled, static (a, b) => Math.Abs(a - b)).Max() > 0.01 * scale, "this data cannot tell the two splits apart");
    }

    [Fact]
    public void PiDamping_OfAConvolution_IsTheRatioOfMeanTraces()
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(2, 3, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(5, 0.36) with { DampingSplit = DampingSplit.Pi });
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 4, 2, 5, 5), CurvatureBench.Normal(3, 4, 3, 3, 3));
        curvature.Refresh();
        KroneckerFactor a = curvature[layer].Factors[0];
        KroneckerFactor g = curvature[layer].Factors[1];
        double pi = Math.Sqrt(CurvatureBench.Whole(a, a.Tiles).Trace() / 18 / (CurvatureBench.Whole(g, g.Tiles).Trace() / 3));
        Assert.Equal(pi * 0.2, a.Damping, 1e-12);
        Assert.Equal(0.2 / pi, g.Damping, 1e-12);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e9)]
    public void KlClip_AnyBound_ShortensAllDirectionsByOneFactor(double bound)
    {
        const double Rate = 0.5;
        using TensorScope scope = TensorScope.Begin();
        Sequential model = new(
            new Conv2d(2, 4, 3, random: new RandomStream(1), type: DType.Float64), new Flatten(),
            new Linear(36, 4, random: new RandomStream(2), type: DType.Float64), new LayerNorm(4, type: DType.Float64));
        Tensor x = CurvatureBench.Normal(2, 3, 2, 5, 5);
        Tensor g = CurvatureBench.Normal(3, 3, 4);
        double[][] free = Directions(model, CurvatureBench.Plain(8), x, g, Rate, out double inner, out _);
        double[][] clipped = Directions(model, CurvatureBench.Plain(8) with { KlClip = bound }, x, g, Rate, out _, out double factor);

        double expected = Math.Min(1, Math.Sqrt(bound / (Rate * Rate * inner)));
        Assert.Equal(expected, factor, 1e-12);
        Assert.Equal(bound > 1, factor == 1);
        for (int i = 0; i < free.Length; i++)
        {
            Assert.All(free[i].Zip(clipped[i]), pair => Assert.Equal(pair.First * expected, pair.Second, 1e-12 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    private static double[][] Directions(Layer model, KroneckerOptions options, Tensor x, Tensor g, double rate, out double inner, out double factor)
    {
        using KroneckerPreconditioner curvature = new(model, options);
        foreach (Parameter parameter in model.Parameters())
        {
            parameter.ZeroGrad();
        }

        CurvatureBench.Pass(model, x, g);
        curvature.Refresh();
        curvature.Precondition(rate);
        factor = curvature.LastClip;
        inner = 0;
        List<double[]> directions = [];
        foreach (Parameter parameter in model.Parameters())
        {
            if (curvature.Direction(parameter) is Tensor direction)
            {
                double[] v = direction.ToArray<double>();
                inner += v.Zip(parameter.Gradient!.ToArray<double>(), static (a, b) => a * b).Sum();
                directions.Add(v);
            }
        }

        Assert.Equal(4, directions.Count); // two weights, and both parameters of the norm
        return [.. directions];
    }

    private static Matrix<double> Expected(Matrix<double> a, Matrix<double> g, Matrix<double> gradient, int tileSize, double damping) =>
        CurvatureBench.DampedInverse(CurvatureBench.Masked(g, tileSize), damping) * gradient * CurvatureBench.DampedInverse(CurvatureBench.Masked(a, tileSize), damping);

    private static double[] Rescaled(DampingSplit split, double scale)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(5, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(4, 0.5) with { DampingSplit = split });
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 6, 5) * scale, CurvatureBench.Normal(3, 6, 3) / scale);
        curvature.Refresh();
        curvature.Precondition(0.1);
        return curvature.Direction(layer.Weight)!.ToArray<double>();
    }
}
