using System.Globalization;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>
/// Runs the C# of kernels itself: a debugger and an oracle. Every index is checked, memory that was not written reads as NaN, and
/// threads that wait at different barriers are found. Work is done when a call returns.
/// </summary>
internal sealed class CpuAccelerator : Accelerator
{
    // The limits of the largest devices that kernels are written for, so that a launch that no device takes is refused here as well.
    private const int MaxShared = 232_448;
    private const int MaxThreads = 1024;

    private readonly MemoryPool _pool;
    private readonly Stack<CpuKernelContext> _contexts = new();
    private readonly CpuStream _stream;
    private bool _disposed;

    private CpuAccelerator()
        : base("cpu", Describe())
    {
        _pool = new MemoryPool(new CpuMemory(Properties.MemoryBytes));
        _stream = new CpuStream(this);
    }

    /// <inheritdoc/>
    public override AcceleratorStream Stream => _stream;

    /// <inheritdoc/>
    protected override AcceleratorStatistics Memory => _pool.Statistics;

    /// <summary>The one device of this kind.</summary>
    public static IReadOnlyList<AcceleratorDescription> Find() => [new AcceleratorDescription("cpu", Describe(), null)];

    /// <summary>The device.</summary>
    public static Accelerator Open(int index) => index == 0
        ? new CpuAccelerator()
        : throw new DeviceException(string.Create(CultureInfo.InvariantCulture, $"There is no device 'cpu:{index}': the processor is one device, 'cpu'."));

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return CpuBuffer.Allocate(this, _pool, bytes);
    }

    /// <inheritdoc/>
    public override PinnedMemory AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return CpuPinnedMemory.Allocate(_pool, bytes);
    }

    /// <inheritdoc/>
    public override AcceleratorStream CreateStream()
    {
        ThrowIfDisposed();
        return new CpuStream(this);
    }

    /// <inheritdoc/>
    public override void Compile(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (specialized.Length != kernel.Specialized.Count)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"Kernel {kernel.Name} has {kernel.Specialized.Count} specialised values, not {specialized.Length}."), nameof(specialized));
        }
    }

    /// <inheritdoc/>
    public override void Trim()
    {
        _pool.Trim();
        lock (_contexts)
        {
            _contexts.Clear();
        }
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
    }

    /// <summary>What an OS thread needs to run groups.</summary>
    internal CpuKernelContext RentContext()
    {
        lock (_contexts)
        {
            return _contexts.TryPop(out CpuKernelContext? context) ? context : new CpuKernelContext(Properties.MaxSharedBytes);
        }
    }

    internal void ReturnContext(CpuKernelContext context)
    {
        lock (_contexts)
        {
            _contexts.Push(context);
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <inheritdoc/>
    protected override void Release()
    {
        _disposed = true;
        _pool.Close();
    }

    private static AcceleratorProperties Describe()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new AcceleratorProperties
        {
            DeviceName = Processor.Name,
            Driver = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
            IsProcessor = true,
            MemoryBytes = memory,
            MaxAllocationBytes = memory,
            MaxSharedBytes = MaxShared,
            MaxGroupThreads = MaxThreads,
            MaxGroup = (MaxThreads, MaxThreads, 64),
            MaxGrid = (int.MaxValue, ushort.MaxValue, ushort.MaxValue),
            Multiprocessors = Environment.ProcessorCount,
            WarpSize = 1,
            ClockMegahertz = Processor.ClockMegahertz,
        };
    }
}
