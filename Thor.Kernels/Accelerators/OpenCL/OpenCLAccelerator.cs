using System.Globalization;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A device of any OpenCL 1.2 driver: kernels are compiled from their OpenCL C when they are first launched, or loaded from the disk.</summary>
internal sealed unsafe class OpenCLAccelerator : Accelerator
{
    private const nint PlatformOfContext = 0x1084;

    private readonly Lock _lock = new();
    private readonly List<OpenCLStream> _streams = [];
    private readonly MemoryPool _pool;

    private OpenCLAccelerator(string name, OpenCLDevice device, AcceleratorProperties properties, ProgramCache cache)
        : base(name, properties)
    {
        Device = device;
        FullName = $"{name} ({properties.DeviceName})";
        nint* options = stackalloc nint[3] { PlatformOfContext, device.Platform, 0 };
        nint handle = device.Handle;
        int code;
        Context = CreateContext(options, 1, &handle, 0, 0, &code);
        OpenCLError.Require(code, FullName, "clCreateContext");
        MainQueue = NewQueue(0);
        Stream = new OpenCLStream(this, MainQueue);
        _streams.Add((OpenCLStream)Stream);
        Compiler = new OpenCLCompiler(Context, device, FullName, cache);
        _pool = new MemoryPool(new OpenCLMemory(FullName, Context, MainQueue, properties));
    }

    /// <inheritdoc/>
    public override AcceleratorStream Stream { get; }

    /// <summary>Number and vendor's name of the device, for messages.</summary>
    internal string FullName { get; }

    /// <summary>The device.</summary>
    internal OpenCLDevice Device { get; }

    /// <summary>The context.</summary>
    internal nint Context { get; }

    /// <summary>The queue of <see cref="Stream"/>.</summary>
    internal nint MainQueue { get; }

    /// <summary>The compiled programs.</summary>
    internal OpenCLCompiler Compiler { get; }

    /// <summary>True once given back.</summary>
    internal bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    protected override AcceleratorStatistics Memory => _pool.Statistics;

    /// <summary>All devices of all drivers, or why there are none.</summary>
    public static IReadOnlyList<AcceleratorDescription> Find()
    {
        IReadOnlyList<OpenCLDevice> devices = OpenCLDevice.FindAll(out string? reason);
        return devices.Count == 0
            ? [new AcceleratorDescription("opencl", null, reason)]
            : [.. devices.Select(static (device, i) => Describe(device, NameOf(i)))];
    }

    /// <summary>The device of a number.</summary>
    public static Accelerator Open(int index) => Open(index, ProgramCache.Shared);

    /// <summary>The device of a number, with compiled programs kept in a folder of choice.</summary>
    internal static OpenCLAccelerator Open(int index, ProgramCache cache)
    {
        IReadOnlyList<OpenCLDevice> devices = OpenCLDevice.FindAll(out string? reason);
        if (index >= devices.Count)
        {
            string found = devices.Count == 0 ? reason ?? string.Empty : "found are " + string.Join(", ", devices.Select(static (device, i) => $"{NameOf(i)} ({device.Name})"));
            throw new DeviceException($"There is no device '{NameOf(index)}': {found}.");
        }

        OpenCLDevice device = devices[index];
        return device.Unusable is string unusable
            ? throw new DeviceException($"The device '{NameOf(index)}' ({device.Name}) cannot be used: {unusable}.")
            : new OpenCLAccelerator(NameOf(index), device, device.Describe(), cache);
    }

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return OpenCLBuffer.Allocate(this, _pool, bytes);
    }

    /// <inheritdoc/>
    public override PinnedMemory AllocatePinned(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return OpenCLPinnedMemory.Allocate(this, bytes);
    }

    /// <inheritdoc/>
    public override AcceleratorStream CreateStream()
    {
        ThrowIfDisposed();
        OpenCLStream stream = new(this, NewQueue(0));
        lock (_lock)
        {
            _streams.Add(stream);
        }

        return stream;
    }

    /// <inheritdoc/>
    public override void Compile(KernelSource kernel, ReadOnlySpan<int> specialized)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ThrowIfDisposed();
        _ = Compiler.Get(kernel, specialized);
    }

    /// <inheritdoc/>
    public override void Trim()
    {
        ThrowIfDisposed();
        _pool.Trim();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        ThrowIfDisposed();
        foreach (OpenCLStream stream in Streams())
        {
            stream.Synchronize();
        }
    }

    /// <summary>Waits for all work of all queues, whatever becomes of it.</summary>
    internal void Drain()
    {
        foreach (OpenCLStream stream in Streams())
        {
            stream.Drain();
        }
    }

    /// <summary>Another queue of the driver.</summary>
    internal nint NewQueue(ulong properties)
    {
        int code;
        nint queue = CreateQueue(Context, Device.Handle, properties, &code);
        OpenCLError.Require(code, FullName, "clCreateCommandQueue");
        return queue;
    }

    /// <summary>A stream was given back.</summary>
    internal void Forget(OpenCLStream stream)
    {
        lock (_lock)
        {
            _streams.Remove(stream);
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (IsDisposed)
        {
            return;
        }

        foreach (OpenCLStream stream in Streams())
        {
            stream.Dispose();
        }

        IsDisposed = true;
        Compiler.Release();
        _pool.Close();
        _ = ReleaseContext(Context);
    }

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"opencl:{index}");

    private static AcceleratorDescription Describe(OpenCLDevice device, string name) => device.Unusable is string unusable
        ? new AcceleratorDescription(name, null, $"{device.Name}: {unusable}")
        : new AcceleratorDescription(name, device.Describe(), null);

    private OpenCLStream[] Streams()
    {
        lock (_lock)
        {
            return [.. _streams];
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);
}
