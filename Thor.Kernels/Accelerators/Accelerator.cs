namespace Thor.Kernels.Accelerators;

/// <summary>A device that runs kernels: "cpu", "opencl:N" or "cuda:N". Thread-safe unless a member says otherwise.</summary>
public abstract class Accelerator : IDisposable
{
    private long _launches;
    private long _downloads;
    private long _uploads;

    /// <summary>A device.</summary>
    protected Accelerator(string name, AcceleratorProperties properties)
    {
        Name = name;
        Properties = properties;
    }

    /// <summary>"cpu", "opencl:0", "cuda:0", ...</summary>
    public string Name { get; }

    /// <summary>What the device is and can do.</summary>
    public AcceleratorProperties Properties { get; }

    /// <summary>The queue that work goes to when none is named.</summary>
    public abstract AcceleratorStream Stream { get; }

    /// <summary>What the device has done and holds.</summary>
    public AcceleratorStatistics Statistics => Memory with
    {
        Launches = Interlocked.Read(ref _launches),
        Downloads = Interlocked.Read(ref _downloads),
        Uploads = Interlocked.Read(ref _uploads),
    };

    /// <summary>The memory part of <see cref="Statistics"/>.</summary>
    protected abstract AcceleratorStatistics Memory { get; }

    /// <summary>Opens a device: "cpu", "opencl", "opencl:1", "cuda:0". Every call opens it anew.</summary>
    /// <exception cref="DeviceException">There is no such device; the message says what was looked for and where.</exception>
    public static Accelerator Open(string name) => AcceleratorDirectory.Open(name);

    /// <summary>Everything that was looked for, found or not, without opening it.</summary>
    public static IReadOnlyList<AcceleratorDescription> Discover() => AcceleratorDirectory.Discover();

    /// <summary>An uninitialised block of device memory from the pool.</summary>
    /// <exception cref="DeviceException">The memory does not suffice; the message says how much was asked, is free and pooled. The device stays usable.</exception>
    public abstract MemoryBuffer Allocate(long bytes);

    /// <summary>A buffer of elements, contents undefined.</summary>
    public MemoryBuffer<T> Allocate<T>(int length)
        where T : unmanaged => new(Allocate((long)length * Dialect.ArrayView<T>.ElementSize), length);

    /// <summary>A buffer that holds a copy of an array.</summary>
    public MemoryBuffer<T> Allocate<T>(T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        MemoryBuffer<T> buffer = Allocate<T>(data.Length);
        buffer.CopyFrom(data);
        return buffer;
    }

    /// <summary>Host memory that the device copies from and to on its own.</summary>
    public abstract PinnedMemory AllocatePinned(long bytes);

    /// <summary>Another queue.</summary>
    /// <remarks>
    /// Memory that is given back is handed out again in the order of <see cref="Stream"/>. Work on another queue must therefore wait for an
    /// event that <see cref="Stream"/> recorded after its buffers were allocated, and <see cref="Stream"/> for an event of that queue
    /// before they are disposed; what launches allocate and dispose themselves comes from <see cref="SideMemory"/>.
    /// </remarks>
    public abstract AcceleratorStream CreateStream();

    /// <summary>Compiles a kernel's variant now, so that its first launch does not have to.</summary>
    /// <exception cref="DeviceException">It does not compile: names the kernel, the device, the driver's log and where the source was written.</exception>
    public abstract void Compile(KernelSource kernel, ReadOnlySpan<int> specialized);

    /// <summary>Gives pooled memory back to the device.</summary>
    public abstract void Trim();

    /// <summary>Waits for all work of all queues.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    internal void CountLaunch() => Interlocked.Increment(ref _launches);

    internal void CountLaunches(int kernels) => Interlocked.Add(ref _launches, kernels);

    internal void CountDownload() => Interlocked.Increment(ref _downloads);

    internal void CountUpload() => Interlocked.Increment(ref _uploads);

    /// <summary>Gives everything back.</summary>
    protected abstract void Release();
}
