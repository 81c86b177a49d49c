using ILGPU.IR;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>A device that ILGPU compiles kernels for and launches them on.</summary>
internal sealed class IlgpuAccelerator : Accelerator
{
    // What static and dynamic shared memory have together on CUDA, where ILGPU does not ask for more, and hence what kernels must do with.
    private const int MaxShared = 48 << 10;

    private readonly Context _context;
    private readonly MemoryPool _pool;
    private bool _disposed;

    /// <summary>Opens a device of ILGPU.</summary>
    public IlgpuAccelerator(string name, Device device)
        : base(name, Describe(device))
    {
        FullName = $"{name} ({device.Name})";
        _context = NewContext();
        Device = device.CreateAccelerator(_context);
        Blocks = new IlgpuMemory(FullName, Device, Properties);
        _pool = new MemoryPool(Blocks);
        Kernels = new IlgpuKernels(this);
        Stream = new IlgpuStream(this, Device.DefaultStream);
        Enter(); // ILGPU has made the new device current
    }

    /// <inheritdoc/>
    public override AcceleratorStream Stream { get; }

    /// <summary>Name here and of the vendor, for messages.</summary>
    internal string FullName { get; }

    /// <summary>ILGPU's accelerator.</summary>
    internal ILGPU.Runtime.Accelerator Device { get; }

    /// <summary>ILGPU's buffers by their handles.</summary>
    internal IlgpuMemory Blocks { get; }

    /// <summary>The compiled kernels.</summary>
    internal IlgpuKernels Kernels { get; }

    /// <inheritdoc/>
    protected override AcceleratorStatistics Memory => _pool.Statistics;

    /// <summary>ILGPU as kernels are compiled with: its own functions, ours where C# means something else, all optimisations.</summary>
    public static Context NewContext() => Context.Create(static builder => DeviceMath.Enable(
        builder.Optimize(OptimizationLevel.O2).Inlining(InliningMode.Aggressive).Profiling().EnableAlgorithms().GetIntrinsicManager()));

    /// <summary>What a device is and can do, as kernels for it are chosen: nothing of CUDA that ILGPU does not reach.</summary>
    public static AcceleratorProperties Describe(Device device)
    {
        bool isProcessor = device is CPUDevice || device is CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_CPU };
        long memory = device is CPUDevice ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : device.MemorySize;
        return new AcceleratorProperties
        {
            DeviceName = device.Name,
            Driver = $"ILGPU {typeof(Context).Assembly.GetName().Version?.ToString(3)}",
            IsProcessor = isProcessor,
            MemoryBytes = memory,
            MaxAllocationBytes = memory,
            MaxSharedBytes = Math.Min(device.MaxSharedMemoryPerGroup, MaxShared),
            MaxGroupThreads = device.MaxNumThreadsPerGroup,
            MaxGroup = (device.MaxGroupSize.X, device.MaxGroupSize.Y, device.MaxGroupSize.Z),
            MaxGrid = (device.MaxGridSize.X, device.MaxGridSize.Y, device.MaxGridSize.Z),
            Multiprocessors = device.NumMultiprocessors,
            WarpSize = device.WarpSize,
            ClockMegahertz = device switch
            {
                CudaDevice cuda => cuda.ClockRate / 1000,
                CLDevice opencl => opencl.ClockRate,
                _ => 0,
            },
        };
    }

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Enter();
        return IlgpuBuffer.Allocate(this, _pool, bytes);
    }

    /// <inheritdoc/>
    public override PinnedMemory AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Enter();
        return new IlgpuPinnedMemory(Device, bytes);
    }

    /// <inheritdoc/>
    public override AcceleratorStream CreateStream()
    {
        Enter();
        return new IlgpuStream(this, Device.CreateStream());
    }

    /// <inheritdoc/>
    public override void Compile(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Enter();
        _ = Kernels.Load(kernel);
    }

    /// <inheritdoc/>
    public override void Trim()
    {
        Enter();
        _pool.Trim();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        Enter();
        try
        {
            Device.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw Failure("waiting for the device", exception);
        }
    }

    /// <summary>What ILGPU says went wrong, with the reason that it carries inside.</summary>
    internal DeviceException Failure(string what, Exception exception)
    {
        string reason = exception.GetBaseException() is Exception inner && !ReferenceEquals(inner, exception) ? $" {inner.Message}" : string.Empty;
        return new DeviceException($"{FullName}: {what} failed: {exception.Message}{reason}", exception);
    }

    /// <summary>
    /// Makes the device current on this OS thread. ILGPU and our own CUDA devices each remember whose context is current there, and neither sees
    /// the other change it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The accelerator was disposed.</exception>
    internal void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Device.Bind();
        if (Device is ILGPU.Runtime.Cuda.CudaAccelerator)
        {
            CudaError result = CudaAPI.CurrentAPI.SetCurrentContext(Device.NativePtr);
            if (result != CudaError.CUDA_SUCCESS)
            {
                throw new DeviceException($"{FullName}: cuCtxSetCurrent failed: {result}");
            }

            Cuda.CudaAccelerator.Leave();
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (!_disposed)
        {
            Enter();
            _disposed = true;
            _pool.Close();
            Device.Dispose();
            _context.Dispose();
        }
    }
}
