using System.Numerics;
using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TileCovarianceTests
{
    [Theory]
    [InlineData(1, 1, 128)]
    [InlineData(40, 7, 128)]
    [InlineData(33, 128, 128)]
    [InlineData(300, 150, 64)]
    [InlineData(70, 100, 33)]
    [InlineData(1100, 47, 16)]
    [InlineData(5, 300, 256)]
    [InlineData(0, 20, 8)]
    public void Covariance_RowMajor_MatchesFloat64(int rows, int dimension, int tileSize)
    {
        Check<float>(rows, dimension, dimension, tileSize, 1.0 / Math.Max(rows, 1), 0);
        Check<double>(rows, dimension, dimension, tileSize, 1.0 / Math.Max(rows, 1), 0);
    }

    [Theory]
    [InlineData(0.95)]
    [InlineData(1)]
    public void Covariance_WithDecay_KeepsThatShareOfTheTiles(double decay)
    {
        Check<float>(90, 77, 77, 32, 0.5, decay);
        Check<double>(90, 77, 77, 32, 0.5, decay);
    }

    [Fact]
    public void Covariance_StridedRows_ReadsOnlyTheView()
    {
        Check<float>(50, 60, 83, 32, 1, 0);
        Check<double>(50, 60, 83, 32, 1, 0);
    }

    [Fact]
    public void Covariance_NoDecay_DoesNotReadTheTiles()
    {
        Tensor x = Tensor.From(TileData.Numbers<float>(20 * 9, 3), [20, 9]);
        Tensor tiles = Tensor.From([.. Enumerable.Repeat(float.NaN, 81)], new Shape(81));
        TileData.Host.TileCovariance(x, 16, 1, 0, tiles);
        Assert.All(tiles.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Covariance_WrongOperands_NamesThem()
    {
        Tensor x = Tensor.From(new float[20], [4, 5]);
        ShapeException wrong = Assert.Throws<ShapeException>(() => TileData.Host.TileCovariance(x, 3, 1, 0, Tensor.From(new float[9], [9])));
        Assert.Contains("13 contiguous elements", wrong.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => TileData.Host.TileCovariance(x.Transpose(), 4, 1, 0, Tensor.From(new float[16], [16])));
        Assert.Throws<ShapeException>(() => TileData.Host.TileCovariance(x, 5, 1, 0, Tensor.From(new double[25], [25])));
        Assert.Throws<ArgumentOutOfRangeException>(() => TileData.Host.TileCovariance(x, 0, 1, 0, Tensor.From(new float[25], [25])));
    }

    private static void Check<T>(int rows, int dimension, int stride, int tileSize, double scale, double decay)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] data = TileData.Numbers<T>(rows * stride, 7);
        T[] held = TileData.SymmetricTiles<T>(dimension, tileSize, 8);
        Tensor x = Tensor.From(data, [rows, stride]).Slice(1, 0, dimension);
        Tensor tiles = Tensor.From(held, [held.Length]);
        TileData.Host.TileCovariance(x, tileSize, scale, decay, tiles);
        T[] actual = tiles.ToArray<T>();
        TileData.Near(TileData.Covariance<T>(data, stride, rows, dimension, tileSize, scale, decay, held), (ReadOnlySpan<T>)actual, rows);
        foreach (TileSlot slot in TileLayout.Slots(dimension, tileSize))
        {
            T[] mirrored = actual.AsSpan((int)slot.Offset, slot.Dimension * slot.Dimension).ToArray();
            TileData.Mirror(mirrored.AsSpan(), slot.Dimension);
            Assert.Equal(mirrored, actual.AsSpan((int)slot.Offset, mirrored.Length).ToArray());
        }
    }
}
