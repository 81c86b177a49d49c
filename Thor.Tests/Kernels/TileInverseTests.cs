using System.Numerics;
using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TileInverseTests
{
    [Fact]
    public void Inverse_OfVanishingProducts_HoldsNoSubnormals()
    {
        // G late in training: gradients of very different size, all of whose products are far below the damping.
        const int Dimension = 64;
        float[] tile = new float[Dimension * Dimension];
        for (int i = 0; i < tile.Length; i++)
        {
            tile[i] = MathF.ScaleB(1, -50 - (i / Dimension) - (i % Dimension));
        }

        Tensor inverse = Tensor.Empty([tile.Length]);
        Tensor status = Tensor.From(77);
        TileData.Host.TileInverse(Tensor.From(tile, [tile.Length]), inverse, TileLayout.Slots(Dimension, Dimension, 0.125), status);
        Assert.Equal(0, status.Item());
        float[] values = inverse.ToArray<float>();
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(i / Dimension == i % Dimension ? 8f : 0f, values[i], 1e-12f);
            Assert.False(float.IsSubnormal(values[i]), $"element {i} is {values[i]}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(200)]
    public void Inverse_AnyDimension_IsAsAccurateAsAPlainCholesky(int n)
    {
        Accurate<float>(TileFamilies.Make("spectrum", n, 100, n), n);
        Accurate<double>(TileFamilies.Make("spectrum", n, 100, n), n);
    }

    [Theory]
    [InlineData("spectrum", 1e1)]
    [InlineData("spectrum", 1e2)]
    [InlineData("spectrum", 1e3)]
    [InlineData("spectrum", 1e4)]
    [InlineData("low rank", 1e2)]
    [InlineData("low rank", 1e4)]
    [InlineData("diagonal", 1e4)]
    [InlineData("tridiagonal", 1)]
    [InlineData("duplicates", 1e3)]
    public void Inverse_Family_IsAsAccurateAsAPlainCholesky(string family, double kappa)
    {
        Accurate<float>(TileFamilies.Make(family, 96, kappa, 5), 96);
        Accurate<float>(TileFamilies.Make(family, 50, kappa, 6), 50);
        Accurate<double>(TileFamilies.Make(family, 63, kappa * kappa, 7), 63);
    }

    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e30)]
    public void Inverse_ScaledInput_IsAsAccurate(double scale)
    {
        double[] tile = [.. TileFamilies.Make("spectrum", 64, 1e3, 9).Select(value => value * scale)];
        Accurate<float>(tile, 64);
        Accurate<double>(tile, 64);
    }

    [Fact]
    public void Inverse_NearlySingular_IsAccurateOrSaysSo()
    {
        foreach (double kappa in (double[])[1e5, 1e6, 1e7])
        {
            float[] tile = Narrow<float>(TileFamilies.Make("spectrum", 128, kappa, 3));
            float[] inverse = (float[])tile.Clone();
            int status = Invert(inverse, 128, 0);
            if (status == 0)
            {
                TileJudge.Inverse(tile, inverse, 128, 0);
            }
            else
            {
                Assert.Equal(tile, inverse);
            }
        }
    }

    [Fact]
    public void Inverse_HopelesslyConditioned_IsRefused()
    {
        // Exact in every step, so that it is the norms alone that refuse it.
        const int n = 20;
        float[] tile = new float[n * n];
        for (int i = 0; i < n; i++)
        {
            tile[i * (n + 1)] = i == 13 ? MathF.ScaleB(1, -27) : 1;
        }

        float[] run = (float[])tile.Clone();
        Assert.Equal(TileInverse.Hopeless, Invert(run, n, 0));
        Assert.Equal(tile, run);
        Assert.Equal(0, Invert(run, n, 1e-3));
    }

    [Fact]
    public void Inverse_Tridiagonal_HasTheKnownInverse()
    {
        double[] run = TileFamilies.Tridiagonal(70);
        Assert.Equal(0, Invert(run, 70, 0));
        for (int i = 0; i < 70; i++)
        {
            for (int j = 0; j < 70; j++)
            {
                Assert.Equal((Math.Min(i, j) + 1.0) * (70 - Math.Max(i, j)) / 71, run[(i * 70) + j], 1e-10);
            }
        }
    }

    [Theory]
    [InlineData(1.5f, 0.5, 0, 0.5f)]
    [InlineData(0f, 0.25, 0, 4f)]
    [InlineData(7.8886091e-31f, 0, 0, 1.2676506e30f)] // powers of two
    [InlineData(float.MaxValue, 1e38, 0, 2.2712694e-39f)] // their sum overflows as a float only
    [InlineData(-1f, 0.5, 1, -1f)]
    [InlineData(float.NaN, 0.5, -1, float.NaN)]
    [InlineData(float.PositiveInfinity, 0, -1, float.PositiveInfinity)]
    [InlineData(1e-40f, 0, -2, 1e-40f)]
    public void Inverse_OfOneElement_IsItsReciprocal(float element, double damping, int status, float expected)
    {
        float[] run = [element];
        Assert.Equal(status, Invert(run, 1, damping));
        Assert.Equal(expected, run[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(128)]
    public void Inverse_ZeroTile_NeedsDamping(int n)
    {
        float[] run = new float[n * n];
        Assert.Equal(1, Invert(run, n, 0));
        Assert.All(run, value => Assert.Equal(0, value));
        Assert.Equal(0, Invert(run, n, 0.25));
        for (int i = 0; i < n * n; i++)
        {
            Assert.Equal(i % (n + 1) == 0 ? 4 : 0, run[i]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(64)]
    [InlineData(128)]
    public void Inverse_BadPivot_NamesTheMinorAndLeavesTheTile(int order)
    {
        Spoilt<float>(order, -1e-3f, order);
        Spoilt<double>(order, -1e-3, order);
        Spoilt<float>(order, float.NaN, TileInverse.NotFinite);
        Spoilt<float>(order, float.PositiveInfinity, TileInverse.NotFinite);
        Spoilt<double>(order, double.NegativeInfinity, TileInverse.NotFinite);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Inverse_NotFiniteOffTheDiagonal_MattersOnlyInTheReadTriangle(float bad)
    {
        float[] clean = Narrow<float>(TileFamilies.Make("spectrum", 40, 50, 2));
        float[] expected = (float[])clean.Clone();
        Assert.Equal(0, Invert(expected, 40, 0.1));
        float[] below = (float[])clean.Clone();
        for (int i = 0; i < 40; i++)
        {
            below.AsSpan(i * 40, i).Fill(bad);
        }

        Assert.Equal(0, Invert(below, 40, 0.1));
        Assert.Equal(expected, below);
        float[] above = (float[])clean.Clone();
        above[(3 * 40) + 38] = bad;
        Assert.Equal(TileInverse.NotFinite, Invert(above, 40, 0.1));
        Assert.Equal(TileInverse.NotFinite, Invert((float[])clean.Clone(), 40, double.NaN));
        Assert.Equal(TileInverse.NotFinite, Invert((float[])clean.Clone(), 40, double.PositiveInfinity));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(133)]
    [InlineData(529)]
    public void Inverse_Batch_GivesEveryTileTheBitsItHasAlone(int batch)
    {
        int[] dimensions = [24, 17, 5, 33];
        List<TileSlot> slots = [];
        List<float> run = [];
        for (int tile = 0; tile < batch; tile++)
        {
            int n = dimensions[tile % dimensions.Length];
            slots.Add(new TileSlot(run.Count, n, 0.01 * (tile % 3)));
            run.AddRange(Narrow<float>(TileFamilies.Make("spectrum", n, 100, tile % 12)));
        }

        float[] source = [.. run, 0];
        int failing = batch / 2;
        if (batch > 0)
        {
            source[(int)slots[failing].Offset] = -1;
        }

        Tensor from = Tensor.From(source, [source.Length]);
        Tensor to = Tensor.From((float[])source.Clone(), [source.Length]);
        Tensor words = Tensor.Full([batch], 77, DType.Int32);
        TileData.Host.TileInverse(from, to, slots.ToArray(), words);
        Assert.Equal(source, from.ToArray<float>());
        TileData.Host.TileInverse(from, from, slots.ToArray(), words);
        int[] status = words.ToArray<int>();
        float[] together = to.ToArray<float>();
        Assert.Equal(together, from.ToArray<float>());
        for (int tile = 0; tile < batch; tile++)
        {
            TileSlot slot = slots[tile];
            int length = slot.Dimension * slot.Dimension;
            float[] alone = source.AsSpan((int)slot.Offset, length).ToArray();
            Assert.Equal(Invert(alone, slot.Dimension, slot.Damping), status[tile]);
            Assert.Equal(tile == failing ? 1 : 0, status[tile]);
            Assert.Equal(alone, together.AsSpan((int)slot.Offset, length).ToArray());
        }
    }

    [Fact]
    public void Inverse_WrongOperands_NamesThem()
    {
        Tensor run = Tensor.From(new float[32], [32]);
        Tensor status = Tensor.Zeros([1], DType.Int32);
        Tensor two = Tensor.Zeros([2], DType.Int32);
        Assert.Throws<ShapeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(0, 4, 0)], two));
        Assert.Throws<ShapeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(0, 4, 0)], Tensor.Zeros([1])));
        Assert.Throws<ShapeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(20, 4, 0)], status));
        Assert.Throws<ShapeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(4, 4, 0), new TileSlot(0, 4, 0)], two));
        Assert.Throws<ShapeException>(() => TileData.Host.TileInverse(run, Tensor.From(new double[32], [32]), [new TileSlot(0, 4, 0)], status));
        Assert.Throws<ArgumentOutOfRangeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(0, 0, 0)], status));
        Assert.Throws<ArgumentOutOfRangeException>(() => TileData.Host.TileInverse(run, run, [new TileSlot(0, 4, -1)], status));
    }

    [Fact]
    public void Inverse_WithRetries_DampsMoreUntilItSucceedsAndReportsIt()
    {
        Retry<float>();
        Retry<double>();
    }

    [Fact]
    public void Inverse_WithRetriesThatMakeNoSense_SaysWhy()
    {
        Tensor run = Tensor.From(new float[16], [16]);
        Tensor status = Tensor.Zeros([1], DType.Int32);
        void Invert(double damped, TileRetry retry, Tensor? damping = null) =>
            TileData.Host.TileInverse(run, run, [new TileSlot(0, 4, damped)], status, retry, damping);
        Assert.Contains("2 retries", Assert.Throws<ArgumentException>(() => Invert(0, new TileRetry(2, 10))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Invert(1, new TileRetry(-1, 10)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Invert(1, new TileRetry(TileRetry.MaximumRetries + 1, 10)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Invert(1, new TileRetry(1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Invert(1, new TileRetry(1, double.NaN)));
        Assert.Throws<ShapeException>(() => Invert(1, default, Tensor.Zeros([2])));
        Assert.Throws<ShapeException>(() => Invert(1, default, Tensor.Zeros([1], DType.Float64)));
    }

    private static void Retry<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] run = new double[1 + 4 + 9 + 1 + 1];
        (run[0], run[1], run[4], run[5], run[14], run[15]) = (-4, -4, 2, double.NaN, -100, 1);
        TileSlot[] slots = [new(0, 1, 1), new(1, 2, 3), new(5, 3, 1), new(14, 1, 1), new(15, 1, 1)];
        Tensor tiles = Tensor.From(Narrow<T>(run), [run.Length]);
        Tensor status = Tensor.Zeros([slots.Length], DType.Int32);
        Tensor damping = Tensor.From(new T[slots.Length], [slots.Length]);
        TileData.Host.TileInverse(tiles, tiles, slots, status, new TileRetry(2, 3), damping);
        Assert.Equal([0, 0, TileInverse.NotFinite, 1, 0], status.ToArray<int>());
        Assert.Equal([9d, 9, 1, 9, 1], damping.ToArray<T>().Select(double.CreateChecked));
        double[] result = [.. tiles.ToArray<T>().Select(double.CreateChecked)];
        Assert.Equal([0.2, 0.2, 0, 0, 1d / 11, double.NaN], result.AsSpan(0, 6).ToArray(), (a, b) => a.Equals(b) || Math.Abs(a - b) < 1e-7);
        Assert.Equal([-100d, 0.5], result.AsSpan(14).ToArray());
    }

    private static int Invert<T>(T[] run, int n, double damping)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor tensor = Tensor.From(run, [run.Length]);
        Tensor status = Tensor.From(77);
        TileData.Host.TileInverse(tensor, tensor, [new TileSlot(0, n, damping)], status);
        tensor.ToArray<T>().CopyTo(run, 0);
        return (int)status.Item();
    }

    private static void Spoilt<T>(int order, T value, int expected)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] tile = Narrow<T>(TileFamilies.Make("spectrum", 130, 10, 4));
        tile[(order - 1) * 131] = value;
        T[] run = (T[])tile.Clone();
        Assert.Equal(expected, Invert(run, 130, 0));
        Assert.Equal(tile, run);
    }

    private static void Accurate<T>(double[] wide, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Large references cost seconds, so these tiles come damped only.
        double some = 0.01 * Math.Abs(wide[0]);
        foreach (double damping in n > 64 ? (double[])[some] : [0, some])
        {
            T[] tile = Narrow<T>(wide);
            T[] inverse = (T[])tile.Clone();
            Assert.Equal(0, Invert(inverse, n, damping));
            TileJudge.Inverse(tile, inverse, n, damping);
        }
    }

    private static T[] Narrow<T>(double[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. values.Select(T.CreateTruncating)];
}
