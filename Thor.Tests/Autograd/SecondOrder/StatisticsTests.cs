using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>A and G of every kind of layer against their definitions, in double.</summary>
public sealed class StatisticsTests
{
    private const double Tolerance = 1e-12;

    public static TheoryData<Convolution2d, int, int> Geometries() => new()
    {
        { Convolution2d.Default, 3, 3 },
        { new Convolution2d(StrideY: 2, StrideX: 1), 3, 2 },
        { new Convolution2d(PaddingY: 1, PaddingX: 2), 3, 3 },
        { new Convolution2d(DilationY: 2, DilationX: 1, PaddingY: 1), 2, 3 },
        { new Convolution2d(Groups: 2), 3, 3 },
        { new Convolution2d(2, 2, 1, 1, 1, 2, 2), 3, 2 },
        { new Convolution2d(Groups: 4), 1, 1 },
    };

    [Theory]
    [InlineData(new[] { 6, 5 })]
    [InlineData(new[] { 3, 4, 5 })]
    [InlineData(new[] { 2, 3, 2, 5 })]
    public void Dense_AnyLeadingAxes_IsTheMeanOverRows(int[] shape)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(5, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 16));
        Tensor x = CurvatureBench.Normal(2, shape);
        Tensor g = CurvatureBench.Normal(3, [.. shape[..^1], 3]);
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        Matrix<double> rows = CurvatureBench.Matrix(x);
        Matrix<double> gradients = CurvatureBench.Matrix(g);
        AssertFactors(curvature[layer], rows.TransposeThisAndMultiply(rows) / rows.RowCount, gradients.TransposeThisAndMultiply(gradients) / rows.RowCount);
    }

    [Fact]
    public void Dense_TilesWithARaggedTail_AreTheDiagonalBlocks()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(11, 6, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 4));
        Tensor x = CurvatureBench.Normal(2, 7, 11);
        Tensor g = CurvatureBench.Normal(3, 7, 6);
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        Matrix<double> rows = CurvatureBench.Matrix(x);
        Matrix<double> gradients = CurvatureBench.Matrix(g);
        AssertFactors(
            curvature[layer],
            CurvatureBench.Masked(rows.TransposeThisAndMultiply(rows) / 7, 4),
            CurvatureBench.Masked(gradients.TransposeThisAndMultiply(gradients) / 7, 4));
        Assert.Equal(3, curvature[layer].Factors[0].TileCount);
        Assert.Equal(2, curvature[layer].Factors[1].TileCount);
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Convolution_AnyGeometry_IsTheMeanOverPatches(Convolution2d geometry, int kernelY, int kernelX)
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(4, 8, (kernelY, kernelX), geometry, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 64));
        Tensor x = CurvatureBench.Normal(2, 3, 4, 6, 7);
        Tensor g = CurvatureBench.Normal(3, 3, 8, geometry.OutputHeight(6, kernelY), geometry.OutputWidth(7, kernelX));
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        LayerCurvature own = curvature[layer];
        Assert.Equal(2 * geometry.Groups, own.Factors.Count);
        Assert.Equal(g.Shape[2] * g.Shape[3], own.Positions);
        for (int group = 0; group < geometry.Groups; group++)
        {
            Matrix<double> patches = CurvatureBench.Patches(x, g.Shape, geometry, kernelY, kernelX, group);
            Matrix<double> pixels = CurvatureBench.Patches(g, g.Shape, Convolution2d.Default with { Groups = geometry.Groups }, 1, 1, group);
            KroneckerFactor a = own.Factors[2 * group];
            KroneckerFactor b = own.Factors[(2 * group) + 1];
            Assert.True(CurvatureBench.Error(patches.TransposeThisAndMultiply(patches) / patches.RowCount, CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
            Assert.True(CurvatureBench.Error(pixels.TransposeThisAndMultiply(pixels) / pixels.RowCount, CurvatureBench.Whole(b, b.Tiles)) < Tolerance);
        }
    }

    [Theory]
    [InlineData(4)] // 18 inputs: the row of ones joins the ragged tail
    [InlineData(18)] // the row of ones is a tile of its own
    [InlineData(64)]
    public void Convolution_HomogeneousBias_HasOneMoreInputThatIsOne(int tileSize)
    {
        using TensorScope scope = TensorScope.Begin();
        Convolution2d geometry = new(PaddingY: 1, PaddingX: 1, Groups: 2);
        Conv2d layer = new(4, 6, 3, geometry, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize) with { Bias = BiasRule.Homogeneous });
        Tensor x = CurvatureBench.Normal(2, 3, 4, 5, 5);
        Tensor g = CurvatureBench.Normal(3, 3, 6, 5, 5);
        CurvatureBench.Pass(layer, x, g);
        curvature.Refresh();

        for (int group = 0; group < 2; group++)
        {
            Matrix<double> patches = CurvatureBench.Patches(x, g.Shape, geometry, 3, 3, group);
            patches = patches.Append(Matrix<double>.Build.Dense(patches.RowCount, 1, 1));
            Matrix<double> expected = CurvatureBench.Masked(patches.TransposeThisAndMultiply(patches) / patches.RowCount, tileSize);
            KroneckerFactor a = curvature[layer].Factors[2 * group];
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
        }
    }

    [Fact]
    public void Dense_HomogeneousBias_HasOneMoreInputThatIsOne()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 4) with { Bias = BiasRule.Homogeneous });
        Tensor x = CurvatureBench.Normal(2, 6, 4);
        CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 6, 3));
        curvature.Refresh();

        Matrix<double> rows = CurvatureBench.Matrix(x).Append(Matrix<double>.Build.Dense(6, 1, 1));
        KroneckerFactor a = curvature[layer].Factors[0];
        Assert.True(CurvatureBench.Error(CurvatureBench.Masked(rows.TransposeThisAndMultiply(rows) / 6, 4), CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
    }

    [Fact]
    public void Embedding_IdsOfSequences_HasFrequenciesAndADenseOutputFactor()
    {
        using TensorScope scope = TensorScope.Begin();
        Embedding layer = new(5, 3, new RandomStream(1), DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 16));
        Tensor ids = Tensor.From([0, 1, 1, 3, 3, 3], [2, 3]);
        Tensor g = CurvatureBench.Normal(3, 2, 3, 3);
        CurvatureBench.Pass(layer, ids, g);
        curvature.Refresh();

        Matrix<double> gradients = CurvatureBench.Matrix(g);
        AssertFactors(
            curvature[layer],
            Matrix<double>.Build.DenseOfDiagonalArray([0.5, 1, 0, 1.5, 0]),
            gradients.TransposeThisAndMultiply(gradients) / 6);
    }

    [Fact]
    public void Statistics_BatchRepeated_AreUnchanged()
    {
        using TensorScope scope = TensorScope.Begin();
        Sequential model = new(new Conv2d(2, 3, 3, random: new RandomStream(1), type: DType.Float64), new Flatten(), new Linear(27, 4, random: new RandomStream(2), type: DType.Float64));
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain(tileSize: 8));
        Tensor x = CurvatureBench.Normal(2, 3, 2, 5, 5);
        Tensor g = CurvatureBench.Normal(3, 3, 4);
        CurvatureBench.Pass(model, x, g);
        curvature.Refresh();
        double[][] once = Statistics(curvature);

        CurvatureBench.Pass(model, Tensor.Concatenate([x, x], 0), Tensor.Concatenate([g, g], 0));
        curvature.Refresh();
        AssertClose(once, Statistics(curvature));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.9)]
    public void Statistics_SeveralPassesBeforeARefresh_CountAsOneBatch(double decay)
    {
        using TensorScope scope = TensorScope.Begin();
        Conv2d layer = new(2, 3, 3, random: new RandomStream(1), type: DType.Float64);
        Tensor x = CurvatureBench.Normal(2, 5, 2, 5, 5);
        Tensor g = CurvatureBench.Normal(3, 5, 3, 3, 3);
        double[][] whole;
        using (KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { StatisticsDecay = decay }))
        {
            CurvatureBench.Pass(layer, x, g);
            curvature.Refresh();
            whole = Statistics(curvature);
        }

        using KroneckerPreconditioner parts = new(layer, CurvatureBench.Plain() with { StatisticsDecay = decay });
        CurvatureBench.Pass(layer, x.Slice(0, 0, 2), g.Slice(0, 0, 2));
        CurvatureBench.Pass(layer, x.Slice(0, 2, 3), g.Slice(0, 2, 3));
        Assert.Equal(2, parts.Observations);
        parts.Refresh();
        AssertClose(whole, Statistics(parts));
    }

    [Fact]
    public void Statistics_Discarded_StartAfresh()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain());
        CurvatureBench.Pass(layer, Tensor.Full([2, 4], double.NaN, DType.Float64), CurvatureBench.Normal(1, 2, 3));
        curvature.Discard();
        Tensor x = CurvatureBench.Normal(2, 6, 4);
        CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 6, 3));
        Assert.Empty(curvature.Refresh().Failures);
        Matrix<double> rows = CurvatureBench.Matrix(x);
        KroneckerFactor a = curvature[layer].Factors[0];
        Assert.True(CurvatureBench.Error(rows.TransposeThisAndMultiply(rows) / 6, CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
    }

    [Fact]
    public void MovingAverage_ThreeRefreshes_IsCorrectedForItsStart()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, 3, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { StatisticsDecay = 0.8 });
        Matrix<double> sum = Matrix<double>.Build.Dense(4, 4);
        double weights = 0;
        for (ulong step = 0; step < 3; step++)
        {
            Tensor x = CurvatureBench.Normal(10 + step, 6, 4);
            CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 6, 3));
            curvature.Refresh();
            Matrix<double> rows = CurvatureBench.Matrix(x);
            sum = (0.8 * sum) + (0.2 * rows.TransposeThisAndMultiply(rows) / 6);
            weights = (0.8 * weights) + 0.2;
            KroneckerFactor a = curvature[layer].Factors[0];
            Assert.True(CurvatureBench.Error(sum / weights, CurvatureBench.Whole(a, a.Tiles)) < Tolerance);
        }
    }

    private static void AssertFactors(LayerCurvature curvature, Matrix<double> a, Matrix<double> g)
    {
        Assert.True(CurvatureBench.Error(a, CurvatureBench.Whole(curvature.Factors[0], curvature.Factors[0].Tiles)) < Tolerance);
        Assert.True(CurvatureBench.Error(g, CurvatureBench.Whole(curvature.Factors[1], curvature.Factors[1].Tiles)) < Tolerance);
    }

    private static double[][] Statistics(KroneckerPreconditioner curvature) =>
        [.. curvature.Layers.SelectMany(static l => l.Factors).Select(static f => f.Tiles.ToArray<double>())];

    private static void AssertClose(double[][] expected, double[][] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.Equal(expected[i][j], actual[i][j], 1e-12);
            }
        }
    }
}
