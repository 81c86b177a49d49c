using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Eigendecompositions of tiles by every kernel that a kind of device can run.</summary>
public sealed class TileEigenDeviceTests
{
    [Theory, MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Eigen_AnyDimension_HasSmallResiduals(string kind, bool lanes)
    {
        int[] dimensions = TestDevices.IsDebugger(kind) ? [1, 2, 3, 5, 16, 17, 31] : [1, 2, 3, 7, 16, 17, 33, 64, 127, 128, 150];
        Judge(kind, lanes, [.. dimensions.Select(static n => Narrow(TileFamilies.Make("spectrum", n, 1000, n)))], damping: 0.25);
    }

    [Theory, MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Eigen_AnyFamilyAndScale_HasSmallResiduals(string kind, bool lanes)
    {
        int n = TestDevices.IsDebugger(kind) ? 21 : 50;
        (string Family, double Kappa)[] families = [("spectrum", 1e12), ("low rank", 1e30), ("diagonal", 1e9), ("tridiagonal", 1), ("duplicates", 1e30)];
        float[][] tiles =
        [
            .. families.SelectMany(family => ((double[])[1, -1, 1e-30, 1e30]).Select(
                scale => Narrow([.. TileFamilies.Make(family.Family, n, family.Kappa, 5).Select(value => value * scale)]))),
            new float[n * n],
        ];
        Judge(kind, lanes, tiles, damping: 0);
    }

    [Theory, MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Eigen_OfADiagonal_AreItsElementsExactly(string kind, bool lanes)
    {
        float[] tile = [3, 0, 0, 0, -1, 0, 0, 0, 2];
        (float[][] vectors, float[][] values, int[] status) = Decompose(kind, lanes, [tile], 0.5);
        Assert.Equal([0], status);
        Assert.Equal([-0.5f, 2.5f, 3.5f], values[0]);
        Assert.Equal([0f, 0, 1, 1, 0, 0, 0, 1, 0], vectors[0]);
    }

    [Theory, MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Eigen_OfOneTileThatIsNotFinite_LeavesItAndGivesTheOthersTheirBits(string kind, bool lanes)
    {
        float[][] tiles = [.. ((int[])[12, 9, 20, 12, 3]).Select((n, seed) => Narrow(TileFamilies.Make("spectrum", n, 100, seed)))];
        (float[][] before, float[][] beforeValues, _) = Decompose(kind, lanes, tiles, 0);
        float[] spoilt = [.. tiles[2]];
        spoilt[37] = float.NaN;
        (float[][] vectors, float[][] values, int[] status) = Decompose(kind, lanes, [tiles[0], tiles[1], spoilt, tiles[3], tiles[4]], 0);
        Assert.Equal([0, 0, TileEigen.NotFinite, 0, 0], status);
        for (int tile = 0; tile < tiles.Length; tile++)
        {
            Assert.Equal(tile == 2 ? [.. Enumerable.Repeat(77f, 400)] : before[tile], vectors[tile]);
            Assert.Equal(tile == 2 ? [.. Enumerable.Repeat(77f, 20)] : beforeValues[tile], values[tile]);
        }
    }

    [Theory, MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Eigen_OfMoreTilesThanGroups_DecomposesAll(string kind, bool lanes) =>
        Judge(kind, lanes, [.. Enumerable.Range(0, 70).Select(static seed => Narrow(TileFamilies.Make("spectrum", 2 + (seed % 7), 50, seed)))], 0);

    private static void Judge(string kind, bool lanes, float[][] tiles, double damping)
    {
        (float[][] vectors, float[][] values, int[] status) = Decompose(kind, lanes, tiles, damping);
        Assert.All(status, static word => Assert.Equal(0, word));
        for (int i = 0; i < tiles.Length; i++)
        {
            TileEigenJudge.Spectrum(tiles[i], vectors[i], values[i], values[i].Length, damping);
        }
    }

    private static (float[][] Vectors, float[][] Values, int[] Status) Decompose(string kind, bool lanes, float[][] tiles, double damping)
    {
        Accelerator device = TestDevices.Require(kind);
        TileSlot[] slots = new TileSlot[tiles.Length];
        int length = 0;
        int dimensions = 0;
        for (int i = 0; i < tiles.Length; i++)
        {
            int n = (int)Math.Sqrt(tiles[i].Length);
            slots[i] = new TileSlot(length, n, damping);
            length += tiles[i].Length;
            dimensions += n;
        }

        // Nothing below the diagonal is read.
        using MemoryBuffer<float> source = device.Allocate<float>(
            [.. tiles.SelectMany(static (tile, i) => tile.Select((value, at) => at % (int)Math.Sqrt(tile.Length) >= at / (int)Math.Sqrt(tile.Length) ? value : float.NaN))]);
        using MemoryBuffer<float> vectors = device.Allocate<float>([.. Enumerable.Repeat(77f, length)]);
        using MemoryBuffer<float> values = device.Allocate<float>([.. Enumerable.Repeat(77f, dimensions)]);
        using MemoryBuffer<int> status = device.Allocate<int>([.. Enumerable.Repeat(77, tiles.Length)]);
        TileEigenLaunch.Decompose(device.Stream, source.View, vectors.View, values.View, slots, status.View, lanes);
        float[] v = vectors.ToArray();
        float[] d = values.ToArray();
        int first = 0;
        float[][] found = new float[tiles.Length][];
        for (int i = 0; i < tiles.Length; i++)
        {
            found[i] = d.AsSpan(first, slots[i].Dimension).ToArray();
            first += slots[i].Dimension;
        }

        return ([.. slots.Select(slot => v.AsSpan((int)slot.Offset, slot.Dimension * slot.Dimension).ToArray())], found, status.ToArray());
    }

    private static float[] Narrow(double[] values) => [.. values.Select(static value => (float)value)];
}
