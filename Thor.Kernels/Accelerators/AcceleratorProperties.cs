namespace Thor.Kernels.Accelerators;

/// <summary>What a device is and can do.</summary>
public sealed record AcceleratorProperties
{
    /// <summary>The vendor's name of the device.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Version of the driver, or of the runtime.</summary>
    public required string Driver { get; init; }

    /// <summary>True where threads of a group run as lanes of a processor core (PoCL, cpu): tuning differs from that of a GPU.</summary>
    public required bool IsProcessor { get; init; }

    /// <summary>Bytes of device memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Most bytes of one allocation.</summary>
    public required long MaxAllocationBytes { get; init; }

    /// <summary>Most bytes of shared memory of a group, static and dynamic, with every opt-in.</summary>
    public required int MaxSharedBytes { get; init; }

    /// <summary>Most threads of a group.</summary>
    public required int MaxGroupThreads { get; init; }

    /// <summary>Most threads of a group along each axis.</summary>
    public required Dialect.Index3D MaxGroup { get; init; }

    /// <summary>Most groups along each axis.</summary>
    public required Dialect.Index3D MaxGrid { get; init; }

    /// <summary>Multiprocessors, or cores.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>Threads of a warp of the hardware; 1 where there is none.</summary>
    public required int WarpSize { get; init; }

    /// <summary>Clock in MHz; 0 if unknown.</summary>
    public int ClockMegahertz { get; init; }

    /// <summary>Compute capability times 10 on CUDA, for example 90; else 0.</summary>
    public int ComputeCapability { get; init; }

    /// <summary>Estimated peak of float multiply-adds in GFLOP/s, from clock and units; 0 if unknown.</summary>
    public double PeakGigaflops { get; init; }

    /// <summary>Estimated memory bandwidth in GB/s, from clock and bus; 0 if unknown.</summary>
    public double PeakGigabytesPerSecond { get; init; }
}
