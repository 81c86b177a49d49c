namespace Thor.Kernels.Accelerators;

/// <summary>Where a <see cref="MemoryPool"/> gets a device's memory from.</summary>
internal interface IBlockSource
{
    /// <summary>The device, for messages: "opencl:0 (vendor's name)".</summary>
    string Name { get; }

    /// <summary>Bytes of the device: the most that a pool asks for in all.</summary>
    long TotalBytes { get; }

    /// <summary>Most bytes of a block.</summary>
    long MaxBlockBytes { get; }

    /// <summary>Bytes that the device says are free at this moment; null where it does not say.</summary>
    long? FreeBytes { get; }

    /// <summary>A block, as a handle or an address; 0 where the memory does not suffice.</summary>
    nint TryAllocate(long bytes);

    /// <summary>Gives a block back. Work that was submitted before may still use it.</summary>
    void Free(nint block);
}
