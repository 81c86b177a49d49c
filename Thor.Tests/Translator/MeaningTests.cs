using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>C# keeps its meaning on every device.</summary>
public sealed class MeaningTests
{
    private static readonly float[] s_floats =
    [
        0f, -0f, 1f, -1f, 0.5f, 1.5f, 2.5f, -2.5f, 3.7f, -3.7f, 300f, -300f, 70000f, -70000f, 1e10f, -1e10f, 1e20f, -1e20f, 16777217f, 8388609f,
        1e-3f, 3.3333333f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 2147483648f, 4294967040f, 9.2e18f, 1.9e19f,
    ];

    private static readonly int[] s_integers = [0, 1, -1, 2, 7, -7, 31, 32, 33, 63, 100, -100, 255, 256, 65535, 0x12345678, int.MaxValue, int.MinValue];

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Floats_OnDevice_AsInCSharp(string kind)
    {
        using DeviceArrays device = new(kind);
        (float[] a, float[] b) = Pairs(s_floats, s_floats);
        float[] c = [.. a.Select((x, i) => s_floats[(i * 7) % s_floats.Length])];
        float[] results = new float[a.Length * MeaningKernels.FloatCases];
        ArrayView<float> target = device.Put(results);
        device.Stream.Launch(KernelConfig.Cover(a.Length, 64), new MeaningKernels.FloatsKernel(device.Put(a), device.Put(b), device.Put(c), target, a.Length));
        results = device.Get(target);
        for (int i = 0; i < results.Length; i++)
        {
            int at = i / MeaningKernels.FloatCases;
            int k = i % MeaningKernels.FloatCases;
            float expected = MeaningKernels.Float(k, a[at], b[at], c[at]);
            bool same = float.IsNaN(expected) ? float.IsNaN(results[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(results[i]);
            Assert.True(same, $"Float({k}, {a[at]:R}, {b[at]:R}, {c[at]:R}) is {expected:R} in C# and {results[i]:R} on {kind}");
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Conversions_OnDevice_AsInCSharp(string kind)
    {
        using DeviceArrays device = new(kind);
        long[] results = new long[s_floats.Length * MeaningKernels.ConversionCases];
        ArrayView<long> target = device.Put(results);
        device.Stream.Launch(KernelConfig.Cover(s_floats.Length, 64), new MeaningKernels.ConversionsKernel(device.Put(s_floats), target, s_floats.Length));
        results = device.Get(target);
        for (int i = 0; i < results.Length; i++)
        {
            int k = i % MeaningKernels.ConversionCases;
            float a = s_floats[i / MeaningKernels.ConversionCases];
            long expected = MeaningKernels.Convert(k, a);
            Assert.True(expected == results[i], $"Convert({k}, {a:R}) is {expected} in C# and {results[i]} on {kind}");
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Integers_OnDevice_AsInCSharp(string kind)
    {
        using DeviceArrays device = new(kind);
        (int[] a, int[] b) = Pairs(s_integers, s_integers);
        int[] results = new int[a.Length * MeaningKernels.IntegerCases];
        ArrayView<int> target = device.Put(results);
        device.Stream.Launch(KernelConfig.Cover(a.Length, 64), new MeaningKernels.IntegersKernel(device.Put(a), device.Put(b), target, a.Length));
        results = device.Get(target);
        for (int i = 0; i < results.Length; i++)
        {
            int at = i / MeaningKernels.IntegerCases;
            int k = i % MeaningKernels.IntegerCases;
            int expected = MeaningKernels.Integer(k, a[at], b[at]);
            Assert.True(expected == results[i], $"Integer({k}, {a[at]}, {b[at]}) is {expected} in C# and {results[i]} on {kind}");
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Longs_OnDevice_AsInCSharp(string kind)
    {
        using DeviceArrays device = new(kind);
        long[] values = [0, 1, -1, 5, -5, 1L << 40, -(1L << 40), 0x123456789abcdef0, long.MaxValue, long.MinValue];
        (long[] a, int[] b) = Pairs(values, s_integers);
        long[] results = new long[a.Length * MeaningKernels.LongCases];
        ArrayView<long> target = device.Put(results);
        device.Stream.Launch(KernelConfig.Cover(a.Length, 64), new MeaningKernels.LongsKernel(device.Put(a), device.Put(b), target, a.Length));
        results = device.Get(target);
        for (int i = 0; i < results.Length; i++)
        {
            int at = i / MeaningKernels.LongCases;
            int k = i % MeaningKernels.LongCases;
            long expected = MeaningKernels.Long(k, a[at], b[at]);
            Assert.True(expected == results[i], $"Long({k}, {a[at]}, {b[at]}) is {expected} in C# and {results[i]} on {kind}");
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Structs_OnDevice_HaveFieldsConstructorsAndOperators(string kind)
    {
        using DeviceArrays device = new(kind);
        ConstructKernels.Pair[] x = [.. Enumerable.Range(0, 5).Select(i => new ConstructKernels.Pair(i, 10 * i))];
        ArrayView<ConstructKernels.Pair> y = device.Put(new ConstructKernels.Pair[5]);
        device.Stream.Launch(KernelConfig.Cover(5, 4), new ConstructKernels.StructsKernel(device.Put(x), y, new ConstructKernels.Pair(0.5f, 3), 5));
        ConstructKernels.Pair[] results = device.Get(y);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal((2 * (i + 0.5f)) + 1, results[i].First);
            Assert.Equal(((10 * i) + 3 + 3 + i) / 2, results[i].Second);
        }
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Generics_OnDevice_AreClosedByTheirTypeArguments(string kind)
    {
        using DeviceArrays device = new(kind);
        float[] x = [1f, 2f, 3f, -4f];
        ArrayView<float> y = device.Garbage(4);
        device.Stream.Launch(KernelConfig.Cover(4, 4), new ConstructKernels.GenericsKernel(device.Put(x), y, 4));
        Assert.Equal(x.Select(v => (2 * v) + (v * v) + v + 1 + v), device.Get(y));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Vectors_OnDevice_ComputeLaneByLane(string kind)
    {
        using DeviceArrays device = new(kind);
        Accelerator accelerator = device.Stream.Accelerator;
        using MemoryBuffer<float> x = accelerator.Allocate<float>(64);
        using MemoryBuffer<float> y = accelerator.Allocate<float>(64);
        x.CopyFrom([.. Enumerable.Range(0, 64).Select(i => (float)i)]);
        device.Stream.Launch(new KernelConfig(1, 1), new ConstructKernels.VectorsKernel(x.View, y.View));
        float[] r = y.ToArray();
        Assert.Equal([5f, 9f, 4f + 64f + 61f + 2f], r[..3]);
        Assert.Equal([30f, 20f, 32f, 46f], r[4..8]);
        float[] eight = [.. Enumerable.Range(8, 8).Select(i => (2f * i) + ((float)i * i))];
        eight[7] = eight[0] + eight[1];
        Assert.Equal(eight, r[8..16]);
        float[] sixteen = [.. Enumerable.Range(16, 16).Select(i => 4f * i)];
        sixteen[15] += sixteen[10];
        Assert.Equal(sixteen, r[16..32]);
        Assert.Equal(new float[16], r[32..48]);
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Views_OnDevice_OfEveryMemory(string kind)
    {
        const int Size = 3;
        using DeviceArrays device = new(kind);
        byte[] x = [.. Enumerable.Range(0, 48).Select(i => (byte)(i * 11))];
        ArrayView<ushort> y = device.Put(new ushort[48]);
        ArrayView<int> z = device.Put(new int[96]);
        KernelConfig config = new(1, ConstructKernels.GroupSize);
        device.Stream.Launch(config, new ConstructKernels.ViewsKernel(device.Put(x), y, z, true, SpecializedValue.New(Size)));
        int own = Enumerable.Range(0, 2 * Size).Select(i => i + x[i]).Where(v => v % 5 != 4).Sum() + (2 * Size);
        int[] expected = [.. Enumerable.Range(0, 48).Select(i => (24 * i) + (own % 5 == 4 ? 0 : own * i))];
        Assert.Equal(new int[48], device.Get(z)[..48]);
        Assert.Equal(expected, device.Get(z)[48..]);
        Assert.Equal(x.Select(v => (ushort)((v * 300) + 7)), device.Get(y));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Shuffles_OverAWarpAndAHalf_KeepTheirOwnValueWhereThereIsNoLane(string kind)
    {
        const int N = ConstructKernels.GroupSize;
        using DeviceArrays device = new(kind);
        int[] x = [.. Enumerable.Range(0, N).Select(i => (i * 5) % 9)];
        ArrayView<int> y = device.Put(new int[N]);
        ArrayView<float> z = device.Garbage(N);
        device.Stream.Launch(new KernelConfig(1, N), new ConstructKernels.ShufflesKernel(device.Put(x), y, z));
        int At(int i, int lane) => lane is >= 0 and < 32 && ((i / 32) * 32) + lane < N ? x[((i / 32) * 32) + lane] : x[i];
        int[] expected = [.. Enumerable.Range(0, N).Select(i =>
        {
            int lane = i % 32;
            return At(i, 3) + (10 * At(i, lane + 5)) + (100 * At(i, lane - 5)) + (1000 * At(i, lane ^ 7)) + (10000 * At(i, 40)) + lane + (i / 32);
        })];
        Assert.Equal(expected, device.Get(y));
        Assert.Equal(Enumerable.Range(0, N).Select(i => (float)At(i, (i % 32) ^ 1)), device.Get(z));
    }

    [Theory, MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Atomics_OnDevice_LoseNothing(string kind)
    {
        const int N = ConstructKernels.GroupSize;
        using DeviceArrays device = new(kind);
        ArrayView<int> cells = device.Put(0, 0, 0, 0, 0);
        ArrayView<uint> more = device.Put(5u);
        ArrayView<float> sum = device.Put(0.5f);
        ArrayView<ConstructKernels.Pair> pairs = device.Put(new ConstructKernels.Pair[2]);
        device.Stream.Launch(new KernelConfig(10, N, 64), new ConstructKernels.AtomicsKernel(cells, more, sum, pairs));
        Assert.Equal(20 * N, device.Get(pairs)[1].Second);
        int[] results = device.Get(cells);
        Assert.Equal([10 * N * (N - 1) / 2, N - 1, 1 - N], results[..3]);
        Assert.InRange(results[3], 1, N);
        Assert.Equal(77, results[4]);
        Assert.Equal(5u + (30 * N), device.Get(more)[0]);
        Assert.Equal(0.5f + (10 * N), device.Get(sum)[0]);
    }

    private static (TA[] A, TB[] B) Pairs<TA, TB>(TA[] first, TB[] second) =>
        ([.. first.SelectMany(x => second.Select(_ => x))], [.. first.SelectMany(_ => second)]);
}
