using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>A device whose kernels are launched in one of two ways, for processors or for GPUs, until disposed. Tensors that are made in between go with it.</summary>
internal sealed class DeviceFlavour : IDisposable
{
    private readonly TensorScope _scope;

    /// <summary>Skips the running test where there is no such device.</summary>
    public DeviceFlavour(string kind, bool processor)
    {
        TestDevices.Require(kind);
        Device = Device.Parse(kind);
        DeviceShape.Assumed = processor;
        _scope = TensorScope.Begin();
    }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scope.Dispose();
        DeviceShape.Assumed = null;
    }

    /// <summary>Fails unless tensors have the same elements, bit for bit; any NaN is as good as another, and so is any zero.</summary>
    public static void Same(Tensor expected, Tensor actual, string what)
    {
        if (expected.DType == DType.Int32)
        {
            Assert.True(expected.ToArray<int>().AsSpan().SequenceEqual(actual.To(Device.Host).ToArray<int>()), what);
            return;
        }

        Within(0, expected.ToArray<float>(), actual, what);
    }

    /// <summary>Fails unless elements are within so many units in the last place of floats.</summary>
    public static void Within(double units, float[] expected, Tensor actual, string what)
    {
        float[] values = actual.To(Device.Host).ToArray<float>();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            if (!expected[i].Equals(values[i]) && expected[i] != values[i])
            {
                double unit = (double)MathF.BitIncrement(Math.Abs(expected[i])) - Math.Abs(expected[i]);
                double error = Math.Abs((double)expected[i] - values[i]) / unit;
                Assert.True(error <= units, $"{what}: element {i} is {values[i]:R}, expected {expected[i]:R} within {units} units in the last place.");
            }
        }
    }
}
