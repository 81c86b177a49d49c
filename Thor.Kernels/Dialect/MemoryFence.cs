namespace Thor.Kernels.Dialect;

/// <summary>Order of memory accesses of one thread as others see them; no thread waits.</summary>
public static class MemoryFence
{
    /// <summary>For the threads of the group.</summary>
    public static void GroupLevel() => Interlocked.MemoryBarrier();

    /// <summary>For all threads of the device.</summary>
    public static void DeviceLevel() => Interlocked.MemoryBarrier();
}
