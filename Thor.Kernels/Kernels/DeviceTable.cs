using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>A small table on a device that is uploaded only when its bytes change, which those of a training step hardly do.</summary>
public sealed class DeviceTable
{
    private byte[] _bytes = [];
    private MemoryBuffer? _buffer;

    /// <summary>The table on the device. Valid for what is queued before the next call.</summary>
    /// <param name="stream">Where the upload, if there is one, is queued.</param>
    /// <param name="bytes">At least one.</param>
    public MemoryBuffer Hold(AcceleratorStream stream, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_buffer is not null && _buffer.Accelerator == stream.Accelerator && bytes.SequenceEqual(_bytes))
        {
            return _buffer;
        }

        _buffer?.Dispose();
        _buffer = stream.Accelerator.Allocate(bytes.Length);
        stream.Upload(bytes, _buffer, 0);
        _bytes = bytes.ToArray();
        return _buffer;
    }

    /// <summary>Gives the memory back; the next call uploads again. What is forgotten goes back when it is collected.</summary>
    public void Release()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
