namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Numbers that the driver tells about a device, by CUdevice_attribute.</summary>
internal enum CudaDeviceAttribute
{
    MaxThreadsPerBlock = 1,
    MaxBlockX = 2,
    MaxBlockY = 3,
    MaxBlockZ = 4,
    MaxGridX = 5,
    MaxGridY = 6,
    MaxGridZ = 7,
    MaxSharedBytesPerBlock = 8,
    WarpSize = 10,
    ClockKilohertz = 13,
    Multiprocessors = 16,
    MemoryClockKilohertz = 36,
    MemoryBusBits = 37,
    CapabilityMajor = 75,
    CapabilityMinor = 76,
    MaxSharedBytesPerBlockOptIn = 97,
}
