using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Inverses of tiles by every kernel that a kind of device can run.</summary>
public sealed class TileInverseDeviceTests
{
    /// <summary>Kinds of device with the kernels that make sense on them.</summary>
    public static TheoryData<string, TileInverseMethod> Methods
    {
        get
        {
            TheoryData<string, TileInverseMethod> cases = [];
            foreach (string kind in TestDevices.Kinds.Select(static row => row.Data))
            {
                TileInverseMethod[] methods = kind == "ilgpu-cpu" ? [TileInverseMethod.Lanes]
                    : TestDevices.IsDebugger(kind) ? [TileInverseMethod.Lanes, TileInverseMethod.Registers, TileInverseMethod.Blocks]
                    : kind.EndsWith("cuda", StringComparison.Ordinal)
                    ? [TileInverseMethod.Registers, TileInverseMethod.Blocks]
                    : [TileInverseMethod.Lanes, TileInverseMethod.Registers, TileInverseMethod.Blocks];
                foreach (TileInverseMethod method in methods)
                {
                    cases.Add(kind, method);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_AnyDimension_IsAsAccurateAsAPlainCholesky(string kind, TileInverseMethod method)
    {
        List<float[]> tiles = [];
        List<double> damping = [];
        foreach (int n in (int[])[1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 128, 200, 256])
        {
            // The cpu accelerator takes a second for a large tile.
            if (!TestDevices.IsDebugger(kind) || n <= 64)
            {
                float[] tile = Narrow(TileFamilies.Make("spectrum", n, 100, n));
                tiles.Add(tile);
                damping.Add(0.01 * Math.Abs(tile[0]));
            }
        }

        Judge(kind, method, tiles, damping);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_Family_IsAsAccurateAsAPlainCholesky(string kind, TileInverseMethod method)
    {
        int n = TestDevices.IsDebugger(kind) ? 50 : 96;
        float[][] tiles =
        [
            Narrow(TileFamilies.Make("spectrum", n, 1e1, 5)),
            Narrow(TileFamilies.Make("spectrum", n, 1e2, 5)),
            Narrow(TileFamilies.Make("spectrum", n, 1e3, 5)),
            Narrow(TileFamilies.Make("spectrum", n, 1e4, 5)),
            Narrow(TileFamilies.Make("low rank", n, 1e2, 5)),
            Narrow(TileFamilies.Make("low rank", n, 1e4, 5)),
            Narrow(TileFamilies.Make("diagonal", n, 1e4, 5)),
            Narrow(TileFamilies.Make("tridiagonal", n, 1, 5)),
            Narrow(TileFamilies.Make("duplicates", n, 1e3, 5)),
            Narrow([.. TileFamilies.Make("spectrum", n, 1e3, 9).Select(static value => value * 1e-30)]),
            Narrow([.. TileFamilies.Make("spectrum", n, 1e3, 9).Select(static value => value * 1e30)]),
        ];
        Judge(kind, method, tiles, new double[tiles.Length]);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_NearlySingular_IsAccurateOrSaysSo(string kind, TileInverseMethod method)
    {
        int n = TestDevices.IsDebugger(kind) ? 40 : 128;
        float[][] tiles = [.. ((double[])[1e5, 1e6, 1e7]).Select(kappa => Narrow(TileFamilies.Make("spectrum", n, kappa, 3)))];
        (float[][] inverses, int[] status) = Invert(kind, method, tiles, new double[tiles.Length]);
        for (int i = 0; i < tiles.Length; i++)
        {
            if (status[i] == 0)
            {
                TileJudge.Inverse(tiles[i], inverses[i], n, 0);
            }
            else
            {
                Assert.Equal(tiles[i], inverses[i]);
            }
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_OfWhatCannotBeInverted_SaysWhyAndLeavesTheTile(string kind, TileInverseMethod method)
    {
        List<float[]> tiles = [];
        List<double> damping = [];
        List<int> expected = [];
        void Add(float[] tile, double damped, int status)
        {
            tiles.Add(tile);
            damping.Add(damped);
            expected.Add(status);
        }

        int large = TestDevices.IsDebugger(kind) ? 66 : 130;
        foreach (int order in (int[])[1, 8, 9, 64, large - 2])
        {
            Add(Spoilt(large, order, -1e-3f), 0, order);
            Add(Spoilt(large, order, float.NaN), 0, TileInverse.NotFinite);
            Add(Spoilt(large, order, float.PositiveInfinity), 0, TileInverse.NotFinite);
            Add(Spoilt(large, order, float.NegativeInfinity), 0, TileInverse.NotFinite);
        }

        foreach (int n in (int[])[1, 20, 64])
        {
            Add(new float[n * n], 0, 1);
            Add(new float[n * n], double.NaN, TileInverse.NotFinite);
            Add(new float[n * n], double.PositiveInfinity, TileInverse.NotFinite);
        }

        // Exact in every step, so that it is the norms alone that refuse it.
        float[] hopeless = new float[400];
        for (int i = 0; i < 20; i++)
        {
            hopeless[i * 21] = i == 13 ? MathF.ScaleB(1, -27) : 1;
        }

        Add(hopeless, 0, TileInverse.Hopeless);
        float[] above = Narrow(TileFamilies.Make("spectrum", 40, 50, 2));
        above[(3 * 40) + 38] = float.NaN;
        Add(above, 0.1, TileInverse.NotFinite);

        (float[][] inverses, int[] status) = Invert(kind, method, tiles, damping);
        Assert.Equal(expected, status);
        for (int i = 0; i < tiles.Count; i++)
        {
            Assert.Equal(tiles[i], inverses[i]);
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_ZeroTile_IsTheInverseOfTheDamping(string kind, TileInverseMethod method)
    {
        float[][] tiles = [new float[1], new float[20 * 20], new float[70 * 70]];
        (float[][] inverses, int[] status) = Invert(kind, method, tiles, [0.25, 0.25, 0.25]);
        Assert.Equal([0, 0, 0], status);
        for (int tile = 0; tile < 3; tile++)
        {
            int n = (int)Math.Sqrt(tiles[tile].Length);
            for (int i = 0; i < n * n; i++)
            {
                Assert.Equal(i % (n + 1) == 0 ? 4 : 0, inverses[tile][i]);
            }
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_BelowTheDiagonal_NothingIsRead(string kind, TileInverseMethod method)
    {
        float[] clean = Narrow(TileFamilies.Make("spectrum", 44, 50, 2));
        float[] below = (float[])clean.Clone();
        for (int i = 0; i < 44; i++)
        {
            below.AsSpan(i * 44, i).Fill(float.NaN);
        }

        (float[][] inverses, int[] status) = Invert(kind, method, [clean, below], [0.1, 0.1]);
        Assert.Equal([0, 0], status);
        Assert.Equal(inverses[0], inverses[1]);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_OfVanishingProducts_HoldsNoSubnormals(string kind, TileInverseMethod method)
    {
        const int n = 64;
        float[] tile = new float[n * n];
        for (int i = 0; i < tile.Length; i++)
        {
            tile[i] = MathF.ScaleB(1, -50 - (i / n) - (i % n));
        }

        (float[][] inverses, int[] status) = Invert(kind, method, [tile], [0.125]);
        Assert.Equal([0], status);
        for (int i = 0; i < tile.Length; i++)
        {
            Assert.Equal(i / n == i % n ? 8f : 0f, inverses[0][i], 1e-12f);
            Assert.False(float.IsSubnormal(inverses[0][i]), $"element {i} is {inverses[0][i]}");
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Inverse_Batch_GivesEveryTileTheBitsItHasAlone(string kind, TileInverseMethod method)
    {
        int[] dimensions = [24, 17, 5, 33, 16];

        // The cpu accelerator takes milliseconds for a tile.
        foreach (int batch in kind == "cpu" ? (int[])[0, 1, 2, 63, 64, 65] : [0, 1, 2, 63, 64, 65, 133, 529])
        {
            List<float[]> tiles = [];
            List<double> damping = [];
            for (int tile = 0; tile < batch; tile++)
            {
                tiles.Add(Narrow(TileFamilies.Make("spectrum", dimensions[tile % dimensions.Length], 100, tile % 12)));
                damping.Add(0.01 * (tile % 3));
            }

            int failing = batch / 2;
            if (batch > 0)
            {
                tiles[failing][0] = -1;
            }

            (float[][] together, int[] status) = Invert(kind, method, tiles, damping);
            Assert.Equal(Enumerable.Range(0, batch).Select(tile => tile == failing ? 1 : 0), status);
            (float[][] apart, _) = Invert(kind, method, tiles, damping, inPlace: false);
            Assert.Equal(together, apart);
            for (int tile = 0; tile < batch; tile += 7)
            {
                (float[][] alone, _) = Invert(kind, method, [tiles[tile]], [damping[tile]]);
                Assert.Equal(alone[0], together[tile]);
            }
        }
    }

    /// <summary>Diagonal tiles that begin with -4, which damping of 1 and 3 leaves negative, beside one that needs no retry and two that no retry helps.</summary>
    [Theory, MemberData(nameof(Methods))]
    public void Inverse_WithRetries_DampsMoreUntilItSucceedsAndReportsIt(string kind, TileInverseMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        int[] dimensions = [16, 7, 16, 20, TestDevices.IsDebugger(kind) ? 24 : 136, 16, 16, 9];
        float[] diagonals = [1, -4, float.NaN, -4, -4, -100, -4, 1];
        double[] damping = [1, 1, 1, 1, 1, 1, 3, 1];
        TileSlot[] slots = new TileSlot[dimensions.Length];
        long offset = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = new TileSlot(offset, dimensions[i], damping[i]);
            offset += dimensions[i] * dimensions[i];
        }

        float[] run = new float[offset];
        for (int i = 0; i < slots.Length; i++)
        {
            for (int row = 0; row < dimensions[i]; row++)
            {
                run[slots[i].Offset + (row * (dimensions[i] + 1))] = row == 0 || diagonals[i] == 1 ? diagonals[i] : -4 + (8 * (row % 2));
            }
        }

        using MemoryBuffer<float> source = device.Allocate(run);
        using MemoryBuffer<int> words = device.Allocate<int>(slots.Length);
        using MemoryBuffer<float> used = device.Allocate<float>(slots.Length);
        TileInverseLaunch.Invert(device.Stream, source.View, source.View, slots, words.View, method, new TileRetry(2, 3), used.View);
        Assert.Equal([0, 0, TileInverse.NotFinite, 0, 0, 1, 0, 0], words.ToArray());
        Assert.Equal([1f, 9, 1, 9, 9, 9, 9, 1], used.ToArray());
        float[] result = source.ToArray();
        float[] final = used.ToArray();
        for (int i = 0; i < slots.Length; i++)
        {
            for (int e = 0; e < dimensions[i] * dimensions[i]; e++)
            {
                float before = run[slots[i].Offset + e];
                float after = result[slots[i].Offset + e];
                if (i is 2 or 5)
                {
                    Assert.Equal(before, after);
                }
                else
                {
                    float expected = e % (dimensions[i] + 1) == 0 ? 1 / (before + final[i]) : 0;
                    Assert.Equal(expected, after, Math.Abs(expected) * 2.5e-7f);
                }
            }
        }
    }

    private static void Judge(string kind, TileInverseMethod method, IReadOnlyList<float[]> tiles, IReadOnlyList<double> damping)
    {
        (float[][] inverses, int[] status) = Invert(kind, method, tiles, damping);
        Assert.All(status, static word => Assert.Equal(0, word));
        for (int i = 0; i < tiles.Count; i++)
        {
            TileJudge.Inverse(tiles[i], inverses[i], (int)Math.Sqrt(tiles[i].Length), damping[i]);
        }
    }

    /// <summary>Inverts tiles that lie one after the other; out of place, the destination begins as a copy.</summary>
    private static (float[][] Inverses, int[] Status) Invert(
        string kind, TileInverseMethod method, IReadOnlyList<float[]> tiles, IReadOnlyList<double> damping, bool inPlace = true)
    {
        Accelerator device = TestDevices.Require(kind);
        TileSlot[] slots = new TileSlot[tiles.Count];
        long offset = 0;
        for (int i = 0; i < tiles.Count; i++)
        {
            slots[i] = new TileSlot(offset, (int)Math.Sqrt(tiles[i].Length), damping[i]);
            offset += tiles[i].Length;
        }

        float[] run = [.. tiles.SelectMany(static tile => tile), 0];
        using MemoryBuffer<float> source = device.Allocate(run);
        using MemoryBuffer<float> other = device.Allocate(run);
        int[] unset = [.. Enumerable.Repeat(77, tiles.Count), 77];
        using MemoryBuffer<int> words = device.Allocate(unset);
        MemoryBuffer<float> destination = inPlace ? source : other;
        TileInverseLaunch.Invert(device.Stream, source.View, destination.View, slots, words.View, method);
        float[] result = destination.ToArray();
        int[] status = words.ToArray();
        Assert.Equal(77, status[^1]);
        Assert.Equal(0, result[^1]);
        if (!inPlace)
        {
            Assert.Equal(run, source.ToArray());
        }

        return ([.. slots.Select(slot => result.AsSpan((int)slot.Offset, slot.Dimension * slot.Dimension).ToArray())], status[..^1]);
    }

    private static float[] Spoilt(int n, int order, float value)
    {
        float[] tile = Narrow(TileFamilies.Make("spectrum", n, 10, 4));
        tile[(order - 1) * (n + 1)] = value;
        return tile;
    }

    private static float[] Narrow(double[] values) => [.. values.Select(static value => (float)value)];
}
