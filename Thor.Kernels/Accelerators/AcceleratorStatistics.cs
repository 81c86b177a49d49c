namespace Thor.Kernels.Accelerators;

/// <summary>What an accelerator has done and holds, for tests and reports.</summary>
/// <param name="InUseBytes">Memory in buffers.</param>
/// <param name="PooledBytes">Memory that is free, kept for reuse.</param>
/// <param name="PeakBytes">The most that was ever in use.</param>
/// <param name="Allocations">Buffers handed out.</param>
/// <param name="PoolMisses">Of those, how many the pool could not serve.</param>
/// <param name="Launches">Kernels launched.</param>
/// <param name="Downloads">Copies from the device to the host, each of which waits.</param>
/// <param name="Uploads">Copies from the host to the device.</param>
public readonly record struct AcceleratorStatistics(
    long InUseBytes, long PooledBytes, long PeakBytes, long Allocations, long PoolMisses, long Launches, long Downloads, long Uploads);
