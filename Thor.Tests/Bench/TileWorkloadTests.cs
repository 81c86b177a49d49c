using Thor.Bench.Micro;
using Thor.Bench.Peers;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class TileWorkloadTests
{
    [Theory]
    [InlineData("tile-inverse 32", 32)]
    [InlineData("tile-covariance 300x64", 64)]
    [InlineData("tile-precondition 64x130", 0)]
    public void Run_OfAPrimitive_AgreesWithThePeer(string name, int symmetricTile)
    {
        Assert.SkipUnless(OpenBlas.IsAvailable, OpenBlas.Missing ?? string.Empty);
        using TileWorkload workload = TileWorkload.Create(name);
        workload.Run();
        float[] thor = workload.Result.ToArray<float>();
        workload.Result.AsSpan<float>().Clear();
        workload.RunPeer();
        float[] peer = workload.Result.ToArray<float>();

        double scale = thor.Max(static value => Math.Abs(value));
        Assert.True(scale > 0.1);
        for (int i = 0; i < thor.Length; i++)
        {
            int inTile = symmetricTile == 0 ? 0 : i % (symmetricTile * symmetricTile);
            if (symmetricTile == 0 || inTile / symmetricTile <= inTile % symmetricTile)
            {
                // Sums of a few hundred terms, added up in another order.
                Assert.Equal(peer[i], thor[i], 1e-5 * scale);
            }
        }
    }

    [Theory]
    [InlineData("tile-inverse 64", 32 * ((64.0 * 64 * 64) + (64 * 64) + 64))]
    [InlineData("tile-covariance 300x130", 300.0 * ((128 * 129) + (2 * 3)))]
    [InlineData("tile-precondition 64x130", 2.0 * 64 * ((128 * (64 + 128)) + (2 * (64 + 2))))]
    public void Operations_OfAPrimitive_CountEveryTile(string name, double expected)
    {
        using TileWorkload workload = TileWorkload.Create(name);
        Assert.Equal(expected, workload.Operations);
    }

    [Fact]
    public void Create_OfAnUnknownPrimitive_ListsTheKnown()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => TileWorkload.Create("tile-pivot 3"));
        Assert.Contains("'tile-pivot 3'", error.Message, StringComparison.Ordinal);
        Assert.All(TileWorkload.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
