using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Softmax, cross-entropy and their gradients on every device, in both flavours of kernels, against float64 and the host's float32.</summary>
public sealed class SoftmaxDeviceTests
{
    private const int Ignored = -100;

    private static readonly (int Rows, int N)[] s_shapes = [(1, 1), (3, 7), (67, 10), (5, 33), (9, 131), (2, 513), (3, 1031), (0, 5)];

    public static TheoryData<string, bool, int> Shapes
    {
        get
        {
            TheoryData<string, bool, int> cases = [];
            foreach ((string kind, bool processor) in TestDevices.KindsAndFlavours.Select(row => row.Data))
            {
                for (int i = 0; i < s_shapes.Length; i++)
                {
                    cases.Add(kind, processor, i);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Softmax_OverShapes_AgreesWithTheHost(string kind, bool processor, int shape)
    {
        (int rows, int n) = s_shapes[shape];
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Random(rows, n, 1);
        Tensor g = Random(rows, n, 2);
        using DeviceArrays device = new(kind);
        ArrayView<float> source = device.Put(Floats(x));
        ArrayView<float> gradient = device.Put(Floats(g));
        ArrayView<float> y = device.Garbage(rows * n);
        ArrayView<float> log = device.Garbage(rows * n);
        ArrayView<float> dx = device.Garbage(rows * n);
        ArrayView<float> dlog = device.Garbage(rows * n);
        SoftmaxLaunch.Softmax(device.Stream, source, y, rows, n, processor);
        SoftmaxLaunch.LogSoftmax(device.Stream, source, log, rows, n, processor);
        SoftmaxLaunch.SoftmaxGradient(device.Stream, y, gradient, dx, rows, n, processor);
        SoftmaxLaunch.LogSoftmaxGradient(device.Stream, log, gradient, dlog, rows, n, processor);

        Compare(device.Get(y), x.Softmax(), Single(x).Softmax(), Roundings(n), "softmax");
        Compare(device.Get(log), x.LogSoftmax(), Single(x).LogSoftmax(), Roundings(n), "log softmax");
        Compare(device.Get(dx), Tensor.SoftmaxGradient(x.Softmax(), g), Tensor.SoftmaxGradient(Single(x).Softmax(), Single(g)), Roundings(n), "softmax gradient");
        Compare(
            device.Get(dlog), Tensor.LogSoftmaxGradient(x.LogSoftmax(), g), Tensor.LogSoftmaxGradient(Single(x).LogSoftmax(), Single(g)), Roundings(n), "log softmax gradient");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void CrossEntropy_OverShapes_AgreesWithTheHost(string kind, bool processor, int shape)
    {
        (int rows, int classes) = s_shapes[shape];
        foreach (double smoothing in (double[])[0, 0.1])
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor x = Random(rows, classes, 3);
            Tensor scale = Random(rows, 1, 4).Reshape(new Shape(rows));
            int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % 5 == 3 ? Ignored : (i * 7) % classes)];
            Tensor targets = Tensor.From(labels, [rows]);
            using DeviceArrays device = new(kind);
            ArrayView<float> logits = device.Put(Floats(x));
            ArrayView<int> ids = device.Put(labels);
            ArrayView<float> losses = device.Garbage(rows);
            ArrayView<float> normalizers = device.Garbage(rows);
            ArrayView<float> dlogits = device.Garbage(rows * classes);
            ArrayView<int> faults = device.Put(new int[DeviceFaults.Length]);
            CrossEntropyTarget target = CrossEntropyTarget.Of(smoothing, classes, Ignored);
            CrossEntropyLaunch.Losses(device.Stream, logits, ids, losses, normalizers, faults, target, rows, classes, processor);
            CrossEntropyLaunch.Gradient(device.Stream, logits, ids, normalizers, device.Put(Floats(scale)), dlogits, faults, target, rows, classes, processor);

            Tensor expected = x.CrossEntropy(targets, smoothing, Ignored, out Tensor expectedNormalizers);
            Tensor twin = Single(x).CrossEntropy(targets, smoothing, Ignored, out Tensor twinNormalizers);
            Compare(device.Get(losses), expected, twin, Roundings(classes), "losses");
            Compare(device.Get(normalizers), expectedNormalizers, twinNormalizers, Roundings(classes), "normalizers");
            Compare(
                device.Get(dlogits),
                x.CrossEntropyGradient(targets, smoothing, Ignored, expectedNormalizers, scale),
                Single(x).CrossEntropyGradient(targets, smoothing, Ignored, twinNormalizers, Single(scale)),
                Roundings(classes),
                "gradient");
            Assert.Equal(new int[DeviceFaults.Length], device.Get(faults));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Softmax_OfNaNAndInfinities_FollowsTheHost(string kind, bool processor)
    {
        const int n = 19;
        float[] x = new float[4 * n];
        x[5] = float.NaN;
        x[n + 3] = float.PositiveInfinity;
        x[(2 * n) + 7] = float.NegativeInfinity;
        Array.Fill(x, float.NegativeInfinity, 3 * n, n);
        using TensorScope scope = TensorScope.Begin();
        Tensor host = Tensor.From(x, [4, n]);
        using DeviceArrays device = new(kind);
        ArrayView<float> y = device.Garbage(x.Length);
        ArrayView<float> log = device.Garbage(x.Length);
        SoftmaxLaunch.Softmax(device.Stream, device.Put(x), y, 4, n, processor);
        SoftmaxLaunch.LogSoftmax(device.Stream, device.Put(x), log, 4, n, processor);
        AssertClose(host.Softmax().ToArray<float>(), device.Get(y));
        AssertClose(host.LogSoftmax().ToArray<float>(), device.Get(log));
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void CrossEntropy_WithALabelOutsideTheClasses_NotesTheFirstAndGivesNoLoss(string kind, bool processor)
    {
        using DeviceArrays device = new(kind);
        ArrayView<float> losses = device.Garbage(3);
        ArrayView<float> normalizers = device.Garbage(3);
        ArrayView<float> dlogits = device.Garbage(6);
        ArrayView<int> faults = device.Put(new int[DeviceFaults.Length]);
        ArrayView<float> logits = device.Put(0f, 0, 1, 1, 2, 2);
        ArrayView<int> labels = device.Put(1, 2, 0);
        CrossEntropyTarget target = CrossEntropyTarget.Of(0, 2, Ignored);
        CrossEntropyLaunch.Losses(device.Stream, logits, labels, losses, normalizers, faults, target, 3, 2, processor);
        CrossEntropyLaunch.Gradient(device.Stream, logits, labels, normalizers, device.Put(1f, 1, 1), dlogits, faults, target, 3, 2, processor);
        float[] values = device.Get(losses);
        Assert.Equal(0, values[1]);
        Assert.Equal(Math.Log(2), values[0], 1e-6);
        Assert.Equal(Math.Log(2), values[2], 1e-6);
        Assert.Equal([0, 0], device.Get(dlogits)[2..4]);
        Assert.Equal([DeviceFaults.LabelOutsideClasses, 1, 2, 2], device.Get(faults));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void CrossEntropy_WithALabelOutsideTheClasses_ThrowsWhenTheLossIsRead(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Tensor logits = Tensor.From([0f, 0, 1, 1], [2, 2]).To(device);
        Tensor losses = logits.CrossEntropy(Tensor.From(1, -1).To(device), 0, Ignored, out _);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => losses.ToArray<float>());
        Assert.Contains("Label number 1 is outside [0, 2)", error.Message, StringComparison.Ordinal);
        Assert.Equal(-1, error.ActualValue);

        // The device goes on.
        Assert.Equal(Math.Log(2), logits.CrossEntropy(Tensor.From(1, 0).To(device), 0, Ignored, out _).ToArray<float>()[1], 1e-6);
    }

    // Logits differ by up to 12: rounding such a difference moves its exponential by 12 roundings. Sums of n positive terms in at least 16 parts
    // add n / 16 + 16; functions, products and the host's own errors some more.
    private static double Roundings(int n) => 12 + (n / 16.0) + 16 + 12;

    /// <summary>Errors against the largest result of the row's kind: results are differences of numbers of about that size.</summary>
    private static void Compare(float[] actual, Tensor expected, Tensor twin, double roundings, string what)
    {
        double[] reference = expected.ToArray<double>();
        float[] host = twin.ToArray<float>();
        Assert.Equal(reference.Length, actual.Length);
        double bound = roundings * Math.Pow(2, -24) * reference.Select(Math.Abs).Append(1).Max();
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - reference[i]) <= bound && Math.Abs(actual[i] - host[i]) <= 2 * bound))
            {
                Assert.Fail($"{what}, element {i}: {actual[i]} instead of {reference[i]}, the host has {host[i]}, allowed {bound}");
            }
        }
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= 1e-6 * Math.Abs(expected[i]), $"element {i}: {actual[i]} instead of {expected[i]}");
        }
    }

    // Float32 numbers in float64, so that both references see the operands of the device.
    private static Tensor Random(int rows, int n, ulong seed) =>
        ((new RandomStream(seed).Uniform([rows, n]) * 12) - 6).Cast(DType.Float64);

    private static Tensor Single(Tensor x) => x.Cast(DType.Float32);

    private static float[] Floats(Tensor x) => Single(x).ToArray<float>();
}
