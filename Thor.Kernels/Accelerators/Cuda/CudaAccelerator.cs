using System.Diagnostics.CodeAnalysis;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// An NVIDIA GPU through the CUDA driver: "cuda:N". Work goes to non-blocking streams of the device's primary context; nothing waits but
/// downloads and explicit synchronisation. A fault on the device (an illegal address, a failed launch) ends its use by this process: that call and every
/// later one throws.
/// </summary>
public sealed unsafe partial class CudaAccelerator : Accelerator
{
    // The driver keeps a current context per OS thread; this is what we last made current on it.
    [ThreadStatic]
    private static CudaAccelerator? t_entered;

    private readonly int _device;
    private readonly nint _context;
    private readonly CudaStream _stream;
    private readonly Lock _streamsLock = new();
    private readonly List<CudaStream> _streams = [];
    private KernelSource? _lastKernel;
    private string? _lost;
    private volatile bool _released;

    internal CudaAccelerator(CudaDriver driver, int index, int device, AcceleratorProperties properties, CudaCompiler compiler)
        : base($"cuda:{index}", properties)
    {
        Driver = driver;
        _device = device;
        _compiler = compiler;
        nint context = 0;
        driver.Require(driver.Api.DevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", $"{Name} ({properties.DeviceName})");
        _context = context;
        DeviceMemory = new CudaMemory(new CudaBlockSource(this));
        _stream = new CudaStream(this);
    }

    /// <inheritdoc/>
    public override AcceleratorStream Stream => _stream;

    internal CudaDriver Driver { get; }

    internal CudaMemory DeviceMemory { get; }

    /// <inheritdoc/>
    protected override AcceleratorStatistics Memory => DeviceMemory.Statistics;

    /// <inheritdoc/>
    public override AcceleratorStream CreateStream() => new CudaStream(this);

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long bytes)
    {
        Enter();
        return CudaBuffer.Allocate(this, bytes);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The host cannot lock so much memory.</exception>
    public override PinnedMemory AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Enter();
        return new CudaPinnedMemory(this, AllocatePinnedBytes(bytes), bytes);
    }

    /// <inheritdoc/>
    public override void Trim()
    {
        Enter();
        DeviceMemory.Trim();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        Enter();
        Check(Driver.Api.CtxSynchronize(), "cuCtxSynchronize");
    }

    /// <summary>Makes the device current on this OS thread.</summary>
    /// <exception cref="ObjectDisposedException">The accelerator was disposed.</exception>
    /// <exception cref="DeviceException">The device was lost.</exception>
    internal void Enter()
    {
        if (_lost is not null || _released)
        {
            ThrowUnusable();
        }

        if (!ReferenceEquals(t_entered, this))
        {
            Check(Driver.Api.CtxSetCurrent(_context), "cuCtxSetCurrent");
            t_entered = this;
        }
    }

    /// <summary>Forgets which device is current on this OS thread, where other code has made its own current.</summary>
    internal static void Leave() => t_entered = null;

    /// <summary>As <see cref="Enter"/>, for finalizers and disposal: false where there is nothing left to give back to.</summary>
    internal bool TryEnter()
    {
        if (_released)
        {
            return false;
        }

        if (!ReferenceEquals(t_entered, this))
        {
            if (Driver.Api.CtxSetCurrent(_context) != CudaResult.Success)
            {
                return false;
            }

            t_entered = this;
        }

        return true;
    }

    /// <summary>Turns an answer of the driver into an exception; remembers a device that is lost.</summary>
    internal void Check(CudaResult result, string call)
    {
        if (result != CudaResult.Success)
        {
            Fail(result, call);
        }
    }

    /// <summary>Notes what a fault will be blamed on.</summary>
    internal void Launched(KernelSource kernel) => _lastKernel = kernel;

    internal void Add(CudaStream stream)
    {
        lock (_streamsLock)
        {
            _streams.Add(stream);
        }
    }

    internal void Remove(CudaStream stream)
    {
        lock (_streamsLock)
        {
            _streams.Remove(stream);
        }
    }

    internal nint AllocatePinnedBytes(long bytes)
    {
        void* address = null;
        CudaResult result = Driver.Api.MemHostAlloc(&address, (nuint)Math.Max(bytes, 1), 0);
        if (result != CudaResult.Success)
        {
            ThrowNoPinnedMemory(bytes, result);
        }

        return (nint)address;
    }

    internal void FreePinned(nint address)
    {
        // Lost or closed, the process keeps the pages until it ends.
        if (TryEnter())
        {
            Driver.Api.MemFreeHost((void*)address);
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (_released)
        {
            return;
        }

        CudaStream[] streams;
        lock (_streamsLock)
        {
            streams = [.. _streams];
        }

        // Answers are not looked at: what a device that failed does not give back, the end of the process does.
        if (TryEnter())
        {
            Driver.Api.CtxSynchronize();
            foreach (CudaStream stream in streams)
            {
                stream.Dispose();
            }

            ReleaseKernels();
            DeviceMemory.Close();
        }

        _released = true;
        t_entered = null;
        Driver.Api.DevicePrimaryCtxRelease(_device);
    }

    [DoesNotReturn]
    private void ThrowUnusable()
    {
        ObjectDisposedException.ThrowIf(_released, this);
        throw new DeviceException($"{Name} ({Properties.DeviceName}) was lost to this process before: {_lost}");
    }

    [DoesNotReturn]
    private void Fail(CudaResult result, string call)
    {
        string what = $"{call} failed on {Name} ({Properties.DeviceName}): {Driver.Describe(result)}.";
        if (CudaDriver.IsFatal(result))
        {
            string blamed = _lastKernel is KernelSource kernel
                ? $" The kernel launched last was {kernel.Name} ({kernel.Location}); an earlier one may have failed, since work is asynchronous: with CUDA_LAUNCH_BLOCKING=1 every launch waits and is told its own failure."
                : string.Empty;
            what += blamed + " The device gives this process no more work; a new process can use it.";
            _lost ??= what;
        }

        throw new DeviceException(what);
    }

    [DoesNotReturn]
    private void ThrowNoPinnedMemory(long bytes, CudaResult result) => throw new DeviceException(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The host cannot lock {bytes} bytes in memory for {Name} ({Properties.DeviceName}): {Driver.Describe(result)}."));
}
