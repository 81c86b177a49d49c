namespace Thor.Engine.Memory;

/// <summary>A block of host memory from the pool.</summary>
internal sealed unsafe class HostMemory : TensorMemory
{
    private readonly long _blockBytes;

    public HostMemory(long bytes)
        : base(Device.Host, bytes)
    {
        Pointer = (byte*)HostPool.Rent(bytes, out _blockBytes);
    }

    /// <summary>First byte; 64-byte aligned.</summary>
    public byte* Pointer { get; }

    /// <summary>Some of its bytes.</summary>
    public Span<byte> Range(long offset, int length) => new(Pointer + offset, length);

    protected override void Free(bool leaked) => HostPool.Return(Pointer, _blockBytes, leaked);
}
