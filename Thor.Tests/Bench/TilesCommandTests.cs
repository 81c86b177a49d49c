using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Bench.TileSize;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Bench;

[Collection(CommandLineCollection.Name)]
public sealed class TilesCommandTests
{
    private static readonly int[] s_tileSizes = [1, 2, 4, 8, 16];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 5)]
    [InlineData(17, 3)]
    [InlineData(64, 200)]
    [InlineData(300, 40)]
    public void LargestEigenvalue_AgreesWithAFullDecomposition(int dimension, int rows)
    {
        WholeFactor factor = Random(dimension, rows);
        double expected = Matrix<double>.Build.Dense(dimension, dimension, factor.Elements).Evd(Symmetricity.Symmetric).EigenValues.Max(static value => value.Real);
        Assert.Equal(1, LargestEigenvalue.Of(factor.Elements, dimension, 0, dimension) / expected, 8);
    }

    [Fact]
    public void LargestEigenvalue_OfABlock_IsThatOfTheSubmatrix()
    {
        WholeFactor factor = Random(20, 50);
        Matrix<double> block = Matrix<double>.Build.Dense(20, 20, factor.Elements).SubMatrix(7, 9, 7, 9);
        double expected = block.Evd(Symmetricity.Symmetric).EigenValues.Max(static value => value.Real);
        Assert.Equal(1, LargestEigenvalue.Of(factor.Elements, 20, 7, 9) / expected, 8);
    }

    [Fact]
    public void LargestEigenvalue_OfZeroIdentityAndDiagonal_IsExact()
    {
        Assert.Equal(0, LargestEigenvalue.Of(new double[9], 3, 0, 3));
        Assert.Equal(1, LargestEigenvalue.Of(Matrix<double>.Build.DenseIdentity(40).ToColumnMajorArray(), 40, 0, 40), 9);
        double[] diagonal = Matrix<double>.Build.DenseDiagonal(200, 200, static i => i == 131 ? 5 : 1 + (i / 1000.0)).ToColumnMajorArray();
        Assert.Equal(5, LargestEigenvalue.Of(diagonal, 200, 0, 200), 8);
    }

    [Fact]
    public void LargestEigenvalue_NotFinite_IsRefused() =>
        Assert.Throws<ArithmeticException>(static () => LargestEigenvalue.Of([1, 0, 0, double.NaN], 2, 0, 2));

    [Fact]
    public void Loss_OfABlockDiagonalMatrix_IsZeroAtItsTileSize()
    {
        // Blocks of ones of dimension 4, the last of 2: the whole has the largest eigenvalue 4.
        const int Dimension = 14;
        double[] elements = new double[Dimension * Dimension];
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = i / 4 * 4; j < Math.Min(Dimension, (i / 4 * 4) + 4); j++)
            {
                elements[(i * Dimension) + j] = 1;
            }
        }

        double[] losses = TileLoss.Of(new WholeFactor("layer.A", Dimension, elements, 0), s_tileSizes);
        Assert.Equal([0.75, 0.5, 0, 0, 0], losses.Select(static loss => Math.Round(loss, 8)));
        Assert.All(TileLoss.Of(new WholeFactor("layer.A", 3, new double[9], 0), s_tileSizes), static loss => Assert.Equal(0, loss));
    }

    [Fact]
    public void Candidates_EndWithTheLargestDimension()
    {
        Assert.Equal([1, 16, 32, 64, 128, 200], TileSizeChoice.Candidates(200));
        Assert.Equal([1, 16, 32], TileSizeChoice.Candidates(32));
        Assert.Equal([1, 9], TileSizeChoice.Candidates(9));
        Assert.Equal([1], TileSizeChoice.Candidates(1));
    }

    [Fact]
    public void Intersection_OfThePublishedCurves_IsThePublishedDimension()
    {
        int[] dimensions = [1, 16, 32, 64, 128, 256, 512, 1024, 2048];
        double[] shares = [0.08, 0.09, 0.11, 0.17, 0.25, 0.43, 0.60, 0.85, 0.89];
        double[] performances = [1, 0.57, 0.43, 0.29, 0.17, 0.07, 0.026, 0.012, 0.012];
        Intersection? meet = TileSizeChoice.Intersect([.. dimensions.Select((n, i) => Point(n, shares[i], performances[i]))]);
        Assert.NotNull(meet);
        Assert.InRange(meet.Dimension, 90, 106);
        Assert.Equal(128, meet.Chosen);
    }

    [Fact]
    public void Intersection_IsLinearInTheLogarithm()
    {
        Intersection? meet = TileSizeChoice.Intersect([Point(16, 0, 0.75), Point(64, 1, 0.25), Point(1024, 1, null)]);
        Assert.NotNull(meet);
        Assert.Equal(32, meet.Dimension, 9);
        Assert.Equal(0.5, meet.Value, 9);
        Assert.Equal(32, meet.Chosen);
        Assert.Equal(1, TileSizeChoice.Intersect([Point(1, 1, 1), Point(16, 1, 0.5)])?.Chosen);
        Assert.Null(TileSizeChoice.Intersect([Point(1, 0, 1), Point(16, 0.25, 0.5), Point(1024, 1, null)]));
        Assert.Null(TileSizeChoice.Intersect([]));
    }

    [Fact]
    public void Factors_AreThoseOfThePreconditioner()
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(5);
        Sequential model = new(
            new Conv2d(4, 6, 3, new Convolution2d(StrideY: 2, PaddingX: 1, DilationX: 2, Groups: 2), random: random), new Flatten(), new Linear(6 * 3 * 5, 3, random: random));
        Variable input = new(Tensor.From(Floats(5 * 4 * 7 * 7, 11), [5, 4, 7, 7]));
        IReadOnlyList<WholeFactor> factors;
        using (FactorObserver observer = new(model) { IsCapturing = true })
        {
            model.Forward(input).Sum().Backward();
            factors = observer.Factors(0.09);
        }

        using KroneckerPreconditioner preconditioner = new(
            model, new KroneckerOptions { TileSize = 512, Damping = 0.09 });
        model.Forward(input).Sum().Backward();
        preconditioner.Refresh();
        KroneckerFactor[] expected = [.. preconditioner.Layers.SelectMany(static layer => layer.Factors)];
        Assert.Equal(expected.Length, factors.Count);
        foreach (WholeFactor factor in factors)
        {
            float[] own = [.. factor.Elements.Select(static value => (float)value)];
            Assert.Contains(expected, other => other.Dimension == factor.Dimension
                && Math.Abs(other.Damping - factor.Damping) < 1e-12
                && TileLayout.Length(other.Dimension, 512) == own.Length
                && other.Tiles.ToArray<float>().Zip(own).All(static pair => Math.Abs(pair.First - pair.Second) <= 1e-4 * (1 + Math.Abs(pair.First))));
        }
    }

    [Fact]
    public void Tiles_OfATrainingModel_WritesJsonAndSvg()
    {
        using TemporaryFolder folder = new();
        string json = folder.File("tiles.json");
        string svg = folder.File("tiles.svg");
        (int exitCode, string output, string error) = CommandLine.Run(
            "tiles", "--model", "mlp", "--data", "glyphs", "--batch-size", "32", "--steps", "2", "--json", json, "--svg", svg);
        Assert.True(exitCode == 0, error);
        Assert.Contains("performance", output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement root = document.RootElement;
        JsonElement[] points = [.. root.GetProperty("points").EnumerateArray()];
        Assert.Equal(3, root.GetProperty("steps").GetInt64());
        Assert.Equal(1, points[0].GetProperty("dimension").GetInt32());
        Assert.Equal(1, points[0].GetProperty("performance").GetDouble());
        Assert.Equal(1, points[^1].GetProperty("shareUnderOnePercent").GetDouble());
        Assert.All(points, static point => Assert.Equal(point.GetProperty("dimension").GetInt32() > TileLayout.MaximumDimension, point.GetProperty("milliseconds").ValueKind == JsonValueKind.Null));
        Assert.All(root.GetProperty("factors").EnumerateArray(), factor => Assert.Equal(points.Length, factor.GetProperty("losses").GetArrayLength()));
        Assert.True(root.TryGetProperty("intersection", out _) && root.TryGetProperty("intersectionByFastest", out _));
        string chart = File.ReadAllText(svg);
        Assert.StartsWith("<svg", chart, StringComparison.Ordinal);
        Assert.Equal(2, chart.Split("<polyline").Length - 1);
    }

    [Theory]
    [InlineData("model 'perceptron'", "--model", "perceptron")]
    [InlineData("data set 'imagenet'", "--data", "imagenet")]
    [InlineData("'tpu:0'", "--device", "tpu:0")]
    [InlineData("--steps", "--steps", "-1")]
    [InlineData("--batch-size", "--batch-size", "0")]
    [InlineData("name a file", "--json", ".")]
    public void Tiles_BadUsage_EndsWithOne(string expected, string option, string value)
    {
        (int exitCode, string output, string error) = CommandLine.Run("tiles", option, value);
        Assert.Equal(1, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Chosen", output, StringComparison.Ordinal);
    }

    private static TileSizePoint Point(int dimension, double share, double? performance) => new(dimension, share, 0, 1, performance, performance);

    private static float[] Floats(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 0.5))];
    }

    private static WholeFactor Random(int dimension, int rows)
    {
        Matrix<double> x = Matrix<double>.Build.Dense(rows, dimension, [.. Floats(rows * dimension, 3).Select(static value => (double)value)]);
        return new WholeFactor("layer.A", dimension, (x.TransposeThisAndMultiply(x) / rows).ToColumnMajorArray(), 0);
    }
}
