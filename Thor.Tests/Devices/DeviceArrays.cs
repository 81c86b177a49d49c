using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Devices;

/// <summary>Arrays on the device of a kind, given back together: for tests that launch kernels without tensors.</summary>
internal sealed class DeviceArrays : IDisposable
{
    private readonly List<MemoryBuffer> _buffers = [];

    /// <summary>Skips the running test where there is no such device.</summary>
    public DeviceArrays(string kind)
    {
        Stream = TestDevices.Require(kind).Stream;
    }

    /// <summary>The queue of the device.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>A copy of an array.</summary>
    public ArrayView<T> Put<T>(params T[] data)
        where T : unmanaged
    {
        // One element more, so that views do not begin where buffers do.
        MemoryBuffer buffer = Stream.Accelerator.Allocate((data.Length + 1L) * ArrayView<T>.ElementSize);
        _buffers.Add(buffer);
        Stream.Upload(MemoryMarshal.AsBytes(data.AsSpan()), buffer, ArrayView<T>.ElementSize);
        return new ArrayView<T>(buffer, ArrayView<T>.ElementSize, data.Length);
    }

    /// <summary>An array of NaN for results.</summary>
    public ArrayView<float> Garbage(int length)
    {
        float[] data = new float[length];
        Array.Fill(data, float.NaN);
        return Put(data);
    }

    /// <summary>The elements, after all work.</summary>
    public T[] Get<T>(ArrayView<T> view)
        where T : unmanaged
    {
        T[] result = new T[view.IntLength];
        if (result.Length > 0)
        {
            Stream.Download(view.Buffer!, view.OffsetInBytes, MemoryMarshal.AsBytes(result.AsSpan())); // made by Put
        }

        return result;
    }

    public void Dispose()
    {
        foreach (MemoryBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }
}
