namespace Thor.Engine.Memory;

/// <summary>Where a device's memory stands.</summary>
/// <param name="InUseBytes">Held by live tensors.</param>
/// <param name="PooledBytes">Free, kept for reuse.</param>
/// <param name="PeakBytes">The most that was ever in use.</param>
/// <param name="Allocations">Blocks handed out since the start.</param>
/// <param name="PoolMisses">Of those, how many the pool could not serve.</param>
/// <param name="Leaked">Blocks that came back through the collector and not through a scope or Dispose.</param>
public readonly record struct MemoryStatistics(
    long InUseBytes, long PooledBytes, long PeakBytes, long Allocations, long PoolMisses, long Leaked);
