using Thor.Kernels.Accelerators;

namespace Thor.Bench.Invert;

/// <summary>The cells of one device at one number of threads.</summary>
/// <param name="Device">"host", or the accelerator's name.</param>
/// <param name="Threads">Threads of the host; multiprocessors or cores of the accelerator.</param>
/// <param name="Accelerator">Null for the host.</param>
/// <param name="Roof">What the device can do at most.</param>
/// <param name="PeerRoof">What peers can do at most: that of the host where they work there.</param>
/// <param name="Peers">Peers that are there and do the primitive.</param>
internal sealed record InvertSection(string Device, int Threads, Accelerator? Accelerator, InvertRoof Roof, InvertRoof PeerRoof, IReadOnlyList<string> Peers)
{
    private const long GpuColdBytes = 256L << 20;
    private const int CachesExceeded = 4;

    /// <summary>True if kernels run on the host's cores.</summary>
    public bool IsProcessor => Accelerator?.Properties.IsProcessor ?? true;

    /// <summary>True for the accelerator that only checks.</summary>
    public bool IsDebugger => Device == TileCaps.Debugger;

    /// <summary>Bytes beside which caches are small.</summary>
    public long ColdBytes => IsProcessor ? CachesExceeded * HostMemory.CacheBytes : GpuColdBytes;

    /// <summary>Name of the kind of device.</summary>
    public string Kind => Device.Split(':')[0];
}
