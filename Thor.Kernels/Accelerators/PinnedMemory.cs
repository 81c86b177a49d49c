namespace Thor.Kernels.Accelerators;

/// <summary>Host memory that a device can copy from and to on its own while the processor goes on.</summary>
public abstract class PinnedMemory : IDisposable
{
    /// <summary>Memory at an address.</summary>
    protected PinnedMemory(nint address, long lengthInBytes)
    {
        Address = address;
        LengthInBytes = lengthInBytes;
    }

    /// <summary>First byte.</summary>
    public nint Address { get; }

    /// <summary>Bytes.</summary>
    public long LengthInBytes { get; }

    /// <summary>The bytes. Not to be written while a copy from them is under way, nor read while one to them is.</summary>
    public unsafe Span<byte> Span => new((void*)Address, checked((int)LengthInBytes));

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    protected abstract void Release();
}
