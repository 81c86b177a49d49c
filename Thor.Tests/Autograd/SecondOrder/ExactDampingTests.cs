using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Damping in the eigenvectors of the factors, and EKFAC, against dense matrices in double.</summary>
public sealed class ExactDampingTests
{
    private const double Tolerance = 1e-10;
    private const double Lambda = 0.3;

    [Theory]
    [InlineData(16, BiasRule.FirstOrder)] // one tile covers each factor
    [InlineData(4, BiasRule.FirstOrder)] // ragged tails
    [InlineData(1, BiasRule.FirstOrder)]
    [InlineData(16, BiasRule.Homogeneous)]
    [InlineData(4, BiasRule.Homogeneous)]
    public void Dense_AnyTileSize_SolvesTheDampedProductOfTheMaskedFactors(int tileSize, BiasRule bias)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(7, 5, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(tileSize) with { Bias = bias });
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 9, 7), CurvatureBench.Normal(3, 9, 5));
        curvature.Refresh();
        curvature.Precondition(0.1);

        Matrix<double> gradient = CurvatureBench.Matrix(layer.Weight.Gradient!);
        Matrix<double> actual = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!);
        if (bias == BiasRule.Homogeneous)
        {
            gradient = gradient.Append(CurvatureBench.Matrix(layer.Bias!.Gradient!, 1));
            actual = actual.Append(CurvatureBench.Matrix(curvature.Direction(layer.Bias!)!, 1));
        }

        Assert.True(CurvatureBench.Error(Solve(curvature[layer], 0, gradient, 1, Lambda), actual) < Tolerance);
        Assert.Empty(curvature.LastRefresh!.Failures);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 5)]
    public void Convolution_OfManyPositions_SolvesThemTimesTheProduct(int groups, int tileSize)
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(4, 6, 3, new Convolution2d(PaddingY: 1, PaddingX: 1, StrideX: 2, Groups: groups), random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(tileSize));
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 5, 4, 6, 6), CurvatureBench.Normal(3, 5, 6, 6, 3));
        curvature.Refresh();
        curvature.Precondition(0.1);

        Matrix<double> gradient = CurvatureBench.Matrix(layer.Weight.Gradient!, 36 / groups);
        Matrix<double> actual = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!, 36 / groups);
        int outputs = 6 / groups;
        for (int group = 0; group < groups; group++)
        {
            Matrix<double> expected = Solve(curvature[layer], group, gradient.SubMatrix(group * outputs, outputs, 0, 36 / groups), 18, Lambda);
            Assert.True(CurvatureBench.Error(expected, actual.SubMatrix(group * outputs, outputs, 0, 36 / groups)) < Tolerance);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(2)]
    public void Embedding_DiagonalAndDense_SolvesTheDampedProduct(int tileSize)
    {
        using TensorScope scope = TensorScope.Begin();
        Embedding layer = new(5, 3, new RandomStream(1), DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(tileSize));
        CurvatureBench.Pass(layer, Tensor.From([0, 1, 1, 3, 3, 3], [2, 3]), CurvatureBench.Normal(3, 2, 3, 3));
        curvature.Refresh();
        curvature.Precondition(0.1);
        Matrix<double> gradient = CurvatureBench.Matrix(layer.Weight.Gradient!);
        Matrix<double> actual = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!);

        // The table has inputs as rows.
        Matrix<double> expected = Solve(curvature[layer], 0, gradient.Transpose(), 1, Lambda).Transpose();
        Assert.True(CurvatureBench.Error(expected, actual) < Tolerance);
    }

    [Fact]
    public void Exact_BetweenRefreshes_FollowsTheScheduleOfDamping()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(8) with { Damping = Schedule.Linear(1, 0.25, 1), Refresh = RefreshSchedule.Every(10) });
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 9, 4), CurvatureBench.Normal(3, 9, 3));
        curvature.Transform(0.1);
        curvature.Transform(0.1);
        Matrix<double> expected = Solve(curvature[layer], 0, CurvatureBench.Matrix(layer.Weight.Gradient!), 1, 0.25);
        Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(curvature.Direction(layer.Weight)!)) < Tolerance);
    }

    [Fact]
    public void Exact_InputsRescaledAgainstGradients_LeavesTheDirection()
    {
        double[] Direction(double scale)
        {
            using TensorScope scope = TensorScope.Begin();
            Linear layer = new(5, 3, random: new RandomStream(1), type: DType.Float64);
            using KroneckerPreconditioner curvature = new(layer, Exact(4));
            CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 6, 5) * scale, CurvatureBench.Normal(3, 6, 3) / scale);
            curvature.Refresh();
            curvature.Precondition(0.1);
            return curvature.Direction(layer.Weight)!.ToArray<double>();
        }

        double[] expected = Direction(1);
        Assert.All(expected.Zip(Direction(8)), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * expected.Max(Math.Abs)));
    }

    [Fact]
    public void Exact_KlClip_SeesTheInnerProductOfDirectionAndGradient()
    {
        const double Rate = 0.5;
        const double Bound = 1e-2;
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(5, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner free = new(layer, Exact(4));
        Tensor x = CurvatureBench.Normal(2, 6, 5);
        Tensor g = CurvatureBench.Normal(3, 6, 3);
        CurvatureBench.Pass(layer, x, g);
        free.Refresh();
        free.Precondition(Rate);
        double[] gradient = layer.Weight.Gradient!.ToArray<double>();
        double inner = free.Direction(layer.Weight)!.ToArray<double>().Zip(gradient, static (a, b) => a * b).Sum();
        free.Dispose();
        layer.Weight.ZeroGrad();

        using KroneckerPreconditioner clipped = new(layer, Exact(4) with { KlClip = Bound });
        CurvatureBench.Pass(layer, x, g);
        clipped.Refresh();
        clipped.Precondition(Rate);
        Assert.Equal(Math.Sqrt(Bound / (Rate * Rate * inner)), clipped.LastClip, 1e-12);
    }

    [Fact]
    public void Ekfac_TwoSteps_AverageSquaredGradientsInTheBasis()
    {
        const double Decay = 0.75;
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(8) with { MomentDecay = Decay, Refresh = RefreshSchedule.Every(10) });
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 6, 4), CurvatureBench.Normal(3, 6, 3));
        curvature.Transform(0.1);
        KroneckerFactor a = curvature[layer].Factors[0];
        KroneckerFactor g = curvature[layer].Factors[1];
        Matrix<double> u = CurvatureBench.Whole(g, g.Inverse);
        Matrix<double> v = CurvatureBench.Whole(a, a.Inverse);
        Matrix<double> moments = CurvatureBench.Matrix(g.Eigenvalues, 1) * CurvatureBench.Matrix(a.Eigenvalues, 4);
        for (int step = 0; step < 2; step++)
        {
            if (step > 0)
            {
                layer.Weight.ZeroGrad();
                CurvatureBench.Pass(layer, CurvatureBench.Normal(4, 6, 4), CurvatureBench.Normal(5, 6, 3));
                curvature.Transform(0.1);
            }

            Matrix<double> projected = u.TransposeThisAndMultiply(CurvatureBench.Matrix(layer.Weight.Gradient!)) * v;
            moments = (Decay * moments) + ((1 - Decay) * 6 * projected.PointwisePower(2));
            Matrix<double> expected = u * projected.PointwiseDivide(moments + Lambda) * v.Transpose();
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(curvature.Direction(layer.Weight)!)) < Tolerance);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.9)]
    public void Exact_SavedBetweenRefreshes_ContinuesWithTheSameBits(double? decay)
    {
        ThorOptions options = new() { TileSize = 3, DampingSplit = DampingSplit.Exact, MomentDecay = decay, Refresh = RefreshSchedule.Every(4) };
        using TensorScope scope = TensorScope.Begin();
        Linear whole = new(7, 5, random: new RandomStream(1));
        using ThorOptimizer first = new(whole, options);
        Train(whole, first, 0, 6);
        Linear resumed = new(7, 5, random: new RandomStream(9));
        using ThorOptimizer second = new(resumed, options);
        resumed.Load(whole.StateDict());
        second.Load(first.StateDict());
        Train(whole, first, 6, 11);
        Train(resumed, second, 6, 11);
        Assert.Equal(whole.Weight.Value.ToArray<float>(), resumed.Weight.Value.ToArray<float>());
    }

    [Fact]
    public void Exact_TileThatIsNotFinite_KeepsItsBasisAndIsReported()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(6, 4, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, Exact(3));
        CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 9, 6), CurvatureBench.Normal(3, 9, 4));
        curvature.Refresh();
        double[] before = curvature[layer].Factors[0].Eigenvalues.ToArray<double>();
        Tensor spoilt = CurvatureBench.Normal(4, 9, 6);
        spoilt.Slice(1, 4, 1).Fill(double.NaN);
        CurvatureBench.Pass(layer, spoilt, CurvatureBench.Normal(5, 9, 4));
        curvature.Refresh();
        TileFailure failure = Assert.Single(curvature.LastRefresh!.Failures);
        Assert.Equal((FactorSide.Input, 1, -1, RecoveryRung.LastGood), (failure.Side, failure.Tile, failure.Status, failure.Rung));
        double[] after = curvature[layer].Factors[0].Eigenvalues.ToArray<double>();
        Assert.Equal(before[3..], after[3..]);
        Assert.NotEqual(before[..3], after[..3]);
    }

    [Fact]
    public void Exact_SettingsThatDoNotGoTogether_AreRefused()
    {
        Linear layer = new(3, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { MomentDecay = 0.9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, Exact(4) with { MomentDecay = 1 }));
        Assert.Throws<ArgumentException>(() => new KroneckerPreconditioner(layer, Exact(4) with { Damping = 0 }));
        Assert.Throws<ArgumentException>(() => new KroneckerPreconditioner(layer, Exact(4) with { RefreshDelay = 2 }));
        using KroneckerPreconditioner plain = new(layer);
        Assert.Throws<InvalidOperationException>(() => plain[layer].Factors[0].Eigenvalues);
    }

    [Theory]
    [InlineData("cpu", null)]
    [InlineData("cpu", 0.9)]
    [InlineData("opencl", null)]
    [InlineData("opencl", 0.9)]
    [InlineData("cuda", null)]
    [InlineData("cuda", 0.9)]
    public void Exact_OnADevice_StepsAsOnTheHost(string kind, double? decay)
    {
        TestDevices.Require(kind);
        ThorOptions options = new() { TileSize = 5, DampingSplit = DampingSplit.Exact, MomentDecay = decay, Refresh = RefreshSchedule.Every(1), LearningRate = 0.1 };
        using TensorScope scope = TensorScope.Begin();
        float[] Weights(Device device)
        {
            Linear layer = (Linear)new Linear(12, 7, random: new RandomStream(1)).To(device);
            using ThorOptimizer optimizer = new(layer, options);
            Train(layer, optimizer, 0, 3);
            return layer.Weight.Value.To(Device.Host).ToArray<float>();
        }

        float[] expected = Weights(Device.Host);
        Assert.All(expected.Zip(Weights(Device.Parse(kind))), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private static KroneckerOptions Exact(int tileSize) => CurvatureBench.Plain(tileSize, Lambda) with { DampingSplit = DampingSplit.Exact };

    private static void Train(Linear layer, ThorOptimizer optimizer, int from, int to)
    {
        (int outputs, int inputs) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        Device device = layer.Weight.Device;
        for (int step = from; step < to; step++)
        {
            optimizer.ZeroGrad();
            CurvatureBench.Pass(
                layer,
                new RandomStream((ulong)(100 + step)).Normal(new Shape([8, inputs])).To(device),
                new RandomStream((ulong)(200 + step)).Normal(new Shape([8, outputs])).To(device));
            optimizer.Step();
        }
    }

    /// <summary>X with T G X A + lambda X = gradient, by the dense Kronecker product of the factors as they are kept.</summary>
    private static Matrix<double> Solve(LayerCurvature layer, int group, Matrix<double> gradient, double positions, double lambda)
    {
        Matrix<double> a = CurvatureBench.Whole(layer.Factors[2 * group], layer.Factors[2 * group].Tiles);
        Matrix<double> g = CurvatureBench.Whole(layer.Factors[(2 * group) + 1], layer.Factors[(2 * group) + 1].Tiles);
        Matrix<double> product = (positions * a.KroneckerProduct(g)) + (lambda * Matrix<double>.Build.DenseIdentity(a.RowCount * g.RowCount));

        // Columns one below the other, as the Kronecker product orders them.
        Vector<double> solution = product.Solve(Vector<double>.Build.DenseOfArray(gradient.ToColumnMajorArray()));
        return Matrix<double>.Build.Dense(gradient.RowCount, gradient.ColumnCount, solution.ToArray());
    }
}
