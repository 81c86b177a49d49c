using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Batch and layer normalisation and their gradients on every device, in both flavours of kernels, against float64 and the host's float32.</summary>
public sealed class NormalizationDeviceTests
{
    private const double Epsilon = 1e-5;

    private static readonly (int Batch, int Channels, int Plane)[] s_batches =
        [(2, 3, 5), (4, 1, 1), (1, 2, 7), (8, 17, 49), (13, 4, 1), (5, 3, 67), (1, 1, 1), (40, 2, 784)];

    private static readonly (int Rows, int N)[] s_rows = [(1, 2), (3, 7), (67, 10), (5, 33), (70, 131), (2, 513), (33, 1), (0, 5)];

    public static TheoryData<string, bool, int> Batches => Cases(s_batches.Length);

    public static TheoryData<string, bool, int> Rows => Cases(s_rows.Length);

    [Theory]
    [MemberData(nameof(Batches))]
    public void BatchNorm_OverShapesFarFromZero_AgreesWithTheHost(string kind, bool processor, int shape)
    {
        (int batch, int channels, int plane) = s_batches[shape];
        using TensorScope scope = TensorScope.Begin();

        // Means of 100 times the deviation: variances from float32 sums of squares would have few digits left.
        Tensor x = Random([batch, channels, plane], 1) + 100;
        Tensor g = Random([batch, channels, plane], 2);
        Tensor weight = Random([channels], 3);
        Tensor bias = Random([channels], 4);
        Single(ref x);
        Results reference = BatchNorm(x, g, weight, bias);
        Results twin = BatchNorm(x.Cast(DType.Float32), g.Cast(DType.Float32), weight.Cast(DType.Float32), bias.Cast(DType.Float32));

        using DeviceArrays device = new(kind);
        int length = batch * channels * plane;
        ArrayView<float> source = Put(device, x);
        ArrayView<float> gradient = Put(device, g);
        ArrayView<float> scale = Put(device, weight);
        ArrayView<float> y = device.Garbage(length);
        ArrayView<float> mean = device.Garbage(channels);
        ArrayView<float> inverse = device.Garbage(channels);
        ArrayView<float> dWeight = device.Garbage(channels);
        ArrayView<float> dBias = device.Garbage(channels);
        BatchNormLaunch.Forward(device.Stream, source, scale, Put(device, bias), Epsilon, y, mean, inverse, batch, channels, plane, processor);
        BatchNormLaunch.Gradient(device.Stream, source, gradient, scale, mean, inverse, gradient, dWeight, dBias, batch, channels, plane, processor);
        Results results = new(device.Get(y), device.Get(mean), device.Get(inverse), device.Get(gradient), device.Get(dWeight), device.Get(dBias));
        Compare(results, reference, twin, (long)batch * plane);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void LayerNorm_OverShapes_AgreesWithTheHost(string kind, bool processor, int shape)
    {
        (int rows, int n) = s_rows[shape];
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Random([rows, n], 1) + 3;
        Tensor g = Random([rows, n], 2);
        Tensor weight = Random([n], 3);
        Tensor bias = Random([n], 4);
        Single(ref x);
        Results reference = LayerNorm(x, g, weight, bias);
        Results twin = LayerNorm(x.Cast(DType.Float32), g.Cast(DType.Float32), weight.Cast(DType.Float32), bias.Cast(DType.Float32));

        using DeviceArrays device = new(kind);
        ArrayView<float> source = Put(device, x);
        ArrayView<float> gradient = Put(device, g);
        ArrayView<float> scale = Put(device, weight);
        ArrayView<float> y = device.Garbage(rows * n);
        ArrayView<float> mean = device.Garbage(rows);
        ArrayView<float> inverse = device.Garbage(rows);
        ArrayView<float> dWeight = device.Garbage(n);
        ArrayView<float> dBias = device.Garbage(n);
        LayerNormLaunch.Forward(device.Stream, source, scale, Put(device, bias), Epsilon, y, mean, inverse, rows, n, processor);
        LayerNormLaunch.Gradient(device.Stream, source, gradient, scale, mean, inverse, gradient, dWeight, dBias, rows, n, processor);
        Results results = new(device.Get(y), device.Get(mean), device.Get(inverse), device.Get(gradient), device.Get(dWeight), device.Get(dBias));
        Compare(results, reference, twin, Math.Max(rows, n));
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void ChannelAffine_InPlace_IsTheHosts(string kind, bool processor, int shape)
    {
        (int batch, int channels, int plane) = s_batches[shape];
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Random([batch, channels, plane], 1).Cast(DType.Float32);
        Tensor factor = Random([channels], 2).Cast(DType.Float32);
        Tensor shift = Random([channels], 3).Cast(DType.Float32);
        using DeviceArrays device = new(kind);
        ArrayView<float> values = Put(device, x);
        BatchNormLaunch.ChannelAffine(device.Stream, values, Put(device, factor), Put(device, shift), values, batch, channels, plane, processor);
        Assert.Equal(x.ChannelAffine(factor, shift).ToArray<float>(), device.Get(values));
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void BatchNorm_OfOneValueAndOfNaN_FollowsTheHost(string kind, bool processor)
    {
        const int plane = 37;
        float[] x = [.. Enumerable.Repeat(7f, plane), .. Enumerable.Range(0, plane).Select(i => i == 5 ? float.NaN : i)];
        using DeviceArrays device = new(kind);
        ArrayView<float> y = device.Garbage(x.Length);
        ArrayView<float> mean = device.Garbage(2);
        ArrayView<float> inverse = device.Garbage(2);
        BatchNormLaunch.Forward(device.Stream, device.Put(x), device.Put(2f, 2f), device.Put(0.5f, 0.5f), 0.25, y, mean, inverse, 1, 2, plane, processor);
        Assert.Equal([7, float.NaN], device.Get(mean));
        Assert.Equal([2, float.NaN], device.Get(inverse));
        Assert.All(device.Get(y)[..plane], value => Assert.Equal(0.5f, value));
        Assert.All(device.Get(y)[plane..], value => Assert.True(float.IsNaN(value)));
    }

    private static TheoryData<string, bool, int> Cases(int count)
    {
        TheoryData<string, bool, int> cases = [];
        foreach ((string kind, bool processor) in TestDevices.KindsAndFlavours.Select(row => row.Data))
        {
            for (int i = 0; i < count; i++)
            {
                cases.Add(kind, processor, i);
            }
        }

        return cases;
    }

    private static Results BatchNorm(Tensor x, Tensor g, Tensor weight, Tensor bias)
    {
        Tensor y = x.BatchNorm(weight, bias, Epsilon, out Tensor mean, out Tensor inverse);
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.BatchNormGradient(g, weight, mean, inverse);
        return Results.Of(y, mean, inverse, dx, dWeight, dBias);
    }

    private static Results LayerNorm(Tensor x, Tensor g, Tensor weight, Tensor bias)
    {
        Tensor y = x.LayerNorm(weight, bias, Epsilon, out Tensor mean, out Tensor inverse);
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.LayerNormGradient(g, weight, mean, inverse);
        return Results.Of(y, mean, inverse, dx, dWeight, dBias);
    }

    private static void Compare(Results actual, Results expected, Results twin, long count)
    {
        // The mean is rounded to float32 where it is stored; z = (x - mean) inverse inherits that error times the inverse deviation. Sums of
        // count terms of about 1 in at least 16 parts are off by count / 16 + 16 roundings, and more rarely cancel to less than 1.
        double rounding = Math.Pow(2, -24);
        double inherited = expected.Mean.Select(Math.Abs).Append(1).Max() * expected.Inverse.Append(1).Max();
        double sums = (count / 16.0) + 16;
        Near(actual.Mean, expected.Mean, twin.Mean, 4 * rounding, "mean");
        Near(actual.Inverse, expected.Inverse, twin.Inverse, sums * rounding, "inverse deviation");
        Near(actual.Y, expected.Y, twin.Y, (sums + (2 * inherited)) * rounding, "y");
        Near(actual.DBias, expected.DBias, twin.DBias, sums * rounding, "dBias");
        Near(actual.DWeight, expected.DWeight, twin.DWeight, (sums + (2 * inherited)) * Math.Sqrt(count + 1) * rounding, "dWeight");
        Near(actual.Dx, expected.Dx, twin.Dx, (sums + (4 * inherited)) * expected.Inverse.Append(1).Max() * rounding, "dx");
    }

    private static void Near(double[] actual, double[] expected, double[] twin, double relative, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double bound = relative * expected.Select(Math.Abs).Append(1).Max();
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= bound && Math.Abs(actual[i] - twin[i]) <= 2 * bound))
            {
                Assert.Fail($"{what}, element {i}: {actual[i]} instead of {expected[i]}, the host has {twin[i]}, allowed {bound}");
            }
        }
    }

    private static Tensor Random(Shape shape, ulong seed) => new RandomStream(seed).Normal(shape).Cast(DType.Float64);

    // Float32 numbers in float64, so that the reference sees the operands of the device.
    private static void Single(ref Tensor x) => x = x.Cast(DType.Float32).Cast(DType.Float64);

    private static ArrayView<float> Put(DeviceArrays device, Tensor x) => device.Put(x.Cast(DType.Float32).ToArray<float>());

    private sealed record Results(double[] Y, double[] Mean, double[] Inverse, double[] Dx, double[] DWeight, double[] DBias)
    {
        public Results(float[] y, float[] mean, float[] inverse, float[] dx, float[] dWeight, float[] dBias)
            : this(Double(y), Double(mean), Double(inverse), Double(dx), Double(dWeight), Double(dBias))
        {
        }

        public static Results Of(params Tensor[] x)
        {
            double[][] values = [.. x.Select(tensor => tensor.Cast(DType.Float64).ToArray<double>())];
            return new Results(values[0], values[1], values[2], values[3], values[4], values[5]);
        }

        private static double[] Double(float[] values) => Array.ConvertAll(values, static value => (double)value);
    }
}
