using Thor.Kernels.Accelerators;

namespace Thor.Engine.Memory;

/// <summary>A block of an accelerator's memory. Work in its queue may still use it after it is freed: what reuses it is queued behind.</summary>
internal sealed class AcceleratorMemory : TensorMemory
{
    private readonly Action _leaked;

    public AcceleratorMemory(Device device, MemoryBuffer buffer, long bytes, Action leaked)
        : base(device, bytes)
    {
        Buffer = buffer;
        _leaked = leaked;
    }

    public MemoryBuffer Buffer { get; }

    protected override void Free(bool leaked)
    {
        if (leaked)
        {
            _leaked();
        }

        Buffer.Dispose();
    }
}
