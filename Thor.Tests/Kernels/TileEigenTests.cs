using System.Numerics;
using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TileEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    public void Eigen_AnyDimension_HasSmallResiduals(int n)
    {
        Judge<float>(TileFamilies.Make("spectrum", n, 1000, n), n);
        Judge<double>(TileFamilies.Make("spectrum", n, 1000, n), n);
    }

    [Theory]
    [InlineData("spectrum", 1e12)]
    [InlineData("low rank", 1e30)]
    [InlineData("diagonal", 1e9)]
    [InlineData("tridiagonal", 1)]
    [InlineData("duplicates", 1e30)]
    public void Eigen_AnyFamilyAndScale_HasSmallResiduals(string family, double kappa)
    {
        const int Dimension = 48;
        double[] tile = TileFamilies.Make(family, Dimension, kappa, 5);
        foreach (double scale in (double[])[1, -1, 1e-30, 1e30])
        {
            Judge<float>([.. tile.Select(value => value * scale)], Dimension);
            Judge<double>([.. tile.Select(value => value * scale)], Dimension);
        }
    }

    [Fact]
    public void Eigen_OfSamplesWhoseColumnsFadeAway_HasSmallResiduals()
    {
        // Reflections leave rounding of rounding: lengths whose reciprocal square is beyond the range of floats.
        const int Dimension = 24;
        for (int seed = 0; seed < 400; seed++)
        {
            Random random = new(seed);
            double[] scales = [.. Enumerable.Range(0, Dimension).Select(_ => random.NextDouble() < 0.4 ? 0 : Math.Pow(10, -9 * random.NextDouble()))];
            double[] tile = new double[Dimension * Dimension];
            for (int sample = 0; sample < 1 + (seed % 8); sample++)
            {
                double[] row = [.. scales.Select(scale => scale * (random.NextDouble() - 0.5))];
                for (int i = 0; i < tile.Length; i++)
                {
                    tile[i] += row[i / Dimension] * row[i % Dimension];
                }
            }

            Judge<float>(tile, Dimension);
        }
    }

    [Fact]
    public void Eigen_OfASecondDifference_AreCosines()
    {
        const int Dimension = 60;
        (_, double[] values, _) = Decompose<double>(TileFamilies.Make("tridiagonal", Dimension, 1, 0), Dimension, 0.5);
        for (int k = 0; k < Dimension; k++)
        {
            Assert.Equal(2.5 - (2 * Math.Cos((k + 1) * Math.PI / (Dimension + 1))), values[k], 1e-14);
        }
    }

    [Fact]
    public void Eigen_OfADiagonal_AreItsElementsExactly()
    {
        double[] tile = new double[9];
        (tile[0], tile[4], tile[8]) = (3, -1, 2);
        (double[] vectors, double[] values, int status) = Decompose<double>(tile, 3);
        Assert.Equal(0, status);
        Assert.Equal([-1.0, 2, 3], values);
        Assert.Equal([0.0, 0, 1, 1, 0, 0, 0, 1, 0], vectors);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Eigen_OfWhatIsNotFinite_SaysSoAndWritesNothing(double value)
    {
        double[] tile = TileFamilies.Make("spectrum", 20, 10, 1);
        tile[(3 * 20) + 11] = value;
        (double[] vectors, double[] values, int status) = Decompose<double>(tile, 20);
        Assert.Equal(TileEigen.NotFinite, status);
        Assert.All(vectors, static element => Assert.Equal(77, element));
        Assert.All(values, static element => Assert.Equal(77, element));
    }

    [Fact]
    public void Eigen_OperandsThatDoNotFit_AreRefused()
    {
        Tensor run = Tensor.Zeros([18]);
        Tensor status = Tensor.Zeros([2], DType.Int32);
        TileSlot[] slots = [new TileSlot(0, 3, 0), new TileSlot(9, 3, 0)];
        Assert.Throws<ShapeException>(() => TileData.Host.TileEigen(run, run, Tensor.Zeros([5]), slots, status));
        Assert.Throws<ShapeException>(() => TileData.Host.TileEigen(run, run, Tensor.Zeros([6], DType.Float64), slots, status));
        Assert.Throws<ShapeException>(() => TileData.Host.TileEigen(run, run, Tensor.Zeros([6]), slots, Tensor.Zeros([1], DType.Int32)));
        Assert.Throws<ShapeException>(() => TileData.Host.TileEigen(run, Tensor.Zeros([17]), Tensor.Zeros([6]), slots, status));
        Assert.Throws<ShapeException>(() => TileData.Host.TileEigen(run, run, Tensor.Zeros([6]), [slots[0], slots[0]], status));
        Assert.Throws<ArgumentOutOfRangeException>(() => TileData.Host.TileEigen(run, run, Tensor.Zeros([3]), [new TileSlot(0, 513, 0)], Tensor.Zeros([1], DType.Int32)));
    }

    private static void Judge<T>(double[] tile, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] vectors, T[] values, int status) = Decompose<T>(tile, n);
        Assert.Equal(0, status);
        TileEigenJudge.Spectrum([.. tile.Select(T.CreateTruncating)], vectors, values, n, 0);
    }

    private static (T[] Vectors, T[] Values, int Status) Decompose<T>(double[] tile, int n, double damping = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Nothing below the diagonal is read.
        T[] upper = [.. tile.Select((value, at) => at % n >= at / n ? T.CreateTruncating(value) : T.NaN)];
        DType type = typeof(T) == typeof(float) ? DType.Float32 : DType.Float64;
        Tensor vectors = Tensor.Full([n * n], 77, type);
        Tensor values = Tensor.Full([n], 77, type);
        Tensor status = Tensor.From(77);
        TileData.Host.TileEigen(Tensor.From(upper, [n * n]), vectors, values, TileLayout.Slots(n, n, damping), status);
        return (vectors.ToArray<T>(), values.ToArray<T>(), (int)status.Item());
    }
}
