using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Pooling on every device, in both flavours of kernels. Sums run in the host's order, so that the host's float32 bits are expected.</summary>
public sealed class PoolingDeviceTests
{
    private static readonly (Pooling2d Geometry, int Height, int Width)[] s_windows =
    [
        (Pooling2d.Square(2), 28, 28),
        (Pooling2d.Square(2), 5, 67),
        (Pooling2d.Square(2), 3, 2),
        (new Pooling2d(2, 2, 1, 2), 9, 36),
        (new Pooling2d(3, 3, 2, 2, 1, 1), 9, 12),
        (new Pooling2d(3, 2, 1, 1, 2, 1), 6, 7),
        (new Pooling2d(1, 4, 3, 2, 0, 3), 8, 9),
        (new Pooling2d(7, 5, 7, 5), 7, 5),
        (new Pooling2d(1, 1, 1, 1), 1, 1),
        (new Pooling2d(3, 3, 1, 1, 2, 2), 1, 1),
        (new Pooling2d(3, 3, 2, 2, 1, 1), 71, 73),
    ];

    public static TheoryData<string, bool, int> Windows
    {
        get
        {
            TheoryData<string, bool, int> cases = [];
            foreach ((string kind, bool processor) in TestDevices.KindsAndFlavours.Select(row => row.Data))
            {
                for (int i = 0; i < s_windows.Length; i++)
                {
                    cases.Add(kind, processor, i);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string, int> WindowsOfEveryKind
    {
        get
        {
            TheoryData<string, int> cases = [];
            foreach (string kind in TestDevices.Kinds.Select(row => row.Data))
            {
                for (int i = 0; i < s_windows.Length; i++)
                {
                    cases.Add(kind, i);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void MaxPoolAndAdjoints_OverWindowsWithTiesAndNaN_AreTheHosts(string kind, bool processor, int window)
    {
        (Pooling2d geometry, int height, int width) = s_windows[window];
        using TensorScope scope = TensorScope.Begin();
        Random random = new(window);
        Tensor x = Images(height, width, () => random.Next(12) == 0 ? float.NaN : random.Next(-3, 4));
        (Tensor values, Tensor indices) = x.MaxPool2d(geometry);
        Tensor gradient = Tensor.From([.. Enumerable.Range(0, (int)values.Length).Select(_ => random.NextSingle() - 0.5f)], values.Shape);
        int planes = x.Shape[0] * x.Shape[1];
        int outputs = (int)values.Length / planes;

        using DeviceArrays device = new(kind);
        ArrayView<float> y = device.Garbage((int)values.Length);
        ArrayView<int> chosen = device.Put(Enumerable.Repeat(-1, (int)values.Length).ToArray());
        ArrayView<float> dx = device.Garbage((int)x.Length);
        ArrayView<float> gathered = device.Garbage((int)values.Length);
        ArrayView<int> faults = device.Put(new int[DeviceFaults.Length]);
        PoolingLaunch.Max(device.Stream, device.Put(x.ToArray<float>()), y, chosen, planes, height, width, geometry, processor);
        PoolingLaunch.MaxScatter(device.Stream, device.Put(gradient.ToArray<float>()), chosen, dx, faults, planes, outputs, height * width, processor);
        PoolingLaunch.MaxGather(device.Stream, device.Put(x.ToArray<float>()), chosen, gathered, faults, planes, outputs, height * width);
        Assert.Equal(values.ToArray<float>(), device.Get(y));
        Assert.Equal(indices.ToArray<int>(), device.Get(chosen));
        Assert.Equal(gradient.MaxPool2dScatter(indices, x.Shape).ToArray<float>(), device.Get(dx));
        Assert.Equal(values.ToArray<float>(), device.Get(gathered));
        Assert.Equal(new int[DeviceFaults.Length], device.Get(faults));
    }

    [Theory]
    [MemberData(nameof(WindowsOfEveryKind))]
    public void AveragePoolAndGradient_OverWindows_AreTheHosts(string kind, int window)
    {
        (Pooling2d geometry, int height, int width) = s_windows[window];
        using TensorScope scope = TensorScope.Begin();
        Random random = new(window);
        Tensor x = Images(height, width, () => random.NextSingle() - 0.5f);
        Tensor means = x.AveragePool2d(geometry);
        Tensor gradient = Tensor.From([.. Enumerable.Range(0, (int)means.Length).Select(_ => random.NextSingle() - 0.5f)], means.Shape);
        int planes = x.Shape[0] * x.Shape[1];

        using DeviceArrays device = new(kind);
        ArrayView<float> y = device.Garbage((int)means.Length);
        ArrayView<float> dx = device.Garbage((int)x.Length);
        PoolingLaunch.Average(device.Stream, device.Put(x.ToArray<float>()), y, planes, height, width, geometry);
        PoolingLaunch.AverageGradient(device.Stream, device.Put(gradient.ToArray<float>()), dx, planes, height, width, geometry);
        Assert.Equal(means.ToArray<float>(), device.Get(y));
        Assert.Equal(gradient.AveragePool2dGradient(x.Shape, geometry).ToArray<float>(), device.Get(dx));
    }

    [Theory]
    [MemberData(nameof(TestDevices.KindsAndFlavours), MemberType = typeof(TestDevices))]
    public void Scatter_OfManyToOne_AddsInOrder(string kind, bool processor)
    {
        // Only in this order is the sum 1: the large terms cancel before the small one comes.
        using DeviceArrays device = new(kind);
        ArrayView<float> dx = device.Garbage(6);
        ArrayView<int> faults = device.Put(new int[DeviceFaults.Length]);
        PoolingLaunch.MaxScatter(device.Stream, device.Put(1e8f, 5, -1e8f, 1), device.Put(4, 0, 4, 4), dx, faults, 1, 4, 6, processor);
        Assert.Equal([5, 0, 0, 0, 1, 0], device.Get(dx));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void ScatterAndGather_WithAnIndexOutsideThePlane_ThrowWhenTheResultIsRead(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Tensor pooled = Tensor.From([1f, 2f], [1, 1, 1, 2]).To(device);
        Tensor indices = Tensor.From([3, 4], [1, 1, 1, 2]).To(device);
        Tensor images = Tensor.From([1f, 2f, 3f, 4f], [1, 1, 2, 2]).To(device);
        Assert.Contains("4 elements", Assert.Throws<ArgumentOutOfRangeException>(() => pooled.MaxPool2dScatter(indices, [1, 1, 2, 2]).ToArray<float>()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.MaxPool2dGather(indices).ToArray<float>());

        // The device goes on.
        (Tensor values, _) = images.MaxPool2d(Pooling2d.Square(2));
        Assert.Equal(4f, values.Item());
    }

    private static Tensor Images(int height, int width, Func<float> next) =>
        Tensor.From([.. Enumerable.Range(0, 2 * 3 * height * width).Select(_ => next())], [2, 3, height, width]);
}
