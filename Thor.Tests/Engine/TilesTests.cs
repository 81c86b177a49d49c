using Thor.Engine;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TilesTests
{
    [Fact]
    public void Invert_Batch_GivesInversesAndStatus()
    {
        Tensor tiles = Tensor.From(
            [
                2.0, 1, 1, 2,
                1, 2, 2, 1,
                double.NaN, 0, 0, 1,
                4, 0, double.NaN, 16,
            ],
            [4, 2, 2]);
        (Tensor inverses, int[] status) = Tiles.Invert(tiles);
        Assert.Equal([0, 2, TileInverse.NotFinite, 0], status);
        double[] values = inverses.ToArray<double>();
        double[] expected = [2 / 3.0, -1 / 3.0, -1 / 3.0, 2 / 3.0];
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
        Assert.All(values[4..12], value => Assert.Equal(double.NaN, value));
        Assert.Equal([0.25, 0, 0, 0.0625], values[12..]);
    }

    [Fact]
    public void Invert_Damping_IsAddedToTheDiagonal()
    {
        (Tensor inverses, int[] status) = Tiles.Invert(Tensor.Zeros([1, 3, 3]), damping: 0.5);
        Assert.Equal([0], status);
        Assert.Equal([2f, 0, 0, 0, 2, 0, 0, 0, 2], inverses.ToArray<float>());
    }

    [Fact]
    public void Invert_NoTiles_GivesNone()
    {
        (Tensor inverses, int[] status) = Tiles.Invert(Tensor.Zeros([0, 3, 3]));
        Assert.Empty(status);
        Assert.Equal(new Shape(0, 3, 3), inverses.Shape);
    }

    [Fact]
    public void Invert_NotABatchOfSquares_IsRefused()
    {
        Assert.Throws<ShapeException>(() => Tiles.Invert(Tensor.Zeros([3, 3])));
        Assert.Throws<ShapeException>(() => Tiles.Invert(Tensor.Zeros([2, 3, 4])));
        Assert.Throws<ShapeException>(() => Tiles.Invert(Tensor.Zeros([2, 0, 0])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiles.Invert(Tensor.Zeros([1, 3, 3]), damping: -1));
    }
}
