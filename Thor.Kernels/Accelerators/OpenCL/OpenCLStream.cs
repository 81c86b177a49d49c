using System.Globalization;
using static Thor.Kernels.Accelerators.OpenCL.OpenCLLibrary;

namespace Thor.Kernels.Accelerators.OpenCL;

/// <summary>A queue of an OpenCL device that is worked in order. Calls from several threads take turns.</summary>
internal sealed unsafe class OpenCLStream : AcceleratorStream
{
    private const ulong Profiling = 1 << 1;
    private const int ClearPatternBytes = 16;

    private readonly Lock _turn = new();
    private readonly OpenCLAccelerator _accelerator;
    private readonly OpenCLArguments _arguments;
    private readonly OpenCLKernels _kernels;
    private readonly OpenCLStaging _staging;
    private readonly nint _queue;
    private nint _clockQueue;
    private OpenCLBuffer? _clockMark;
    private bool _disposed;

    /// <summary>A queue.</summary>
    public OpenCLStream(OpenCLAccelerator accelerator, nint queue)
        : base(accelerator)
    {
        _accelerator = accelerator;
        _queue = queue;
        _arguments = new OpenCLArguments(accelerator);
        _kernels = new OpenCLKernels(accelerator);
        _staging = new OpenCLStaging(accelerator, queue);
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, MemoryBuffer destination, long byteOffset)
    {
        nint buffer = Handle(destination, byteOffset, source.Length, nameof(destination));
        Accelerator.CountUpload();
        if (source.IsEmpty)
        {
            return;
        }

        if (source.Length <= OpenCLStaging.MaxUploadBytes)
        {
            lock (_turn)
            {
                _staging.Upload(source, buffer, byteOffset);
            }

            Submitted();
            return;
        }

        fixed (byte* bytes = source)
        {
            Require(EnqueueWrite(_queue, buffer, 1, (nuint)byteOffset, (nuint)source.Length, bytes, 0, null, null), "clEnqueueWriteBuffer");
        }
    }

    /// <inheritdoc/>
    public override void Upload(PinnedMemory source, long sourceOffset, MemoryBuffer destination, long byteOffset, long bytes)
    {
        TransferChecks.Require(source, sourceOffset, bytes, nameof(source));
        nint buffer = Handle(destination, byteOffset, bytes, nameof(destination));
        Accelerator.CountUpload();
        if (bytes > 0)
        {
            void* from = (void*)(source.Address + (nint)sourceOffset);
            Require(EnqueueWrite(_queue, buffer, 0, (nuint)byteOffset, (nuint)bytes, from, 0, null, null), "clEnqueueWriteBuffer");
            Submitted();
        }
    }

    /// <inheritdoc/>
    public override void Download(MemoryBuffer source, long byteOffset, Span<byte> destination)
    {
        nint buffer = Handle(source, byteOffset, destination.Length, nameof(source));
        Accelerator.CountDownload();
        if (destination.IsEmpty)
        {
            return;
        }

        fixed (byte* bytes = destination)
        {
            Require(EnqueueRead(_queue, buffer, 1, (nuint)byteOffset, (nuint)destination.Length, bytes, 0, null, null), "clEnqueueReadBuffer");
        }
    }

    /// <inheritdoc/>
    public override void Copy(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        nint from = Handle(source, sourceOffset, bytes, nameof(source));
        nint to = Handle(destination, destinationOffset, bytes, nameof(destination));
        TransferChecks.RequireApart(source, sourceOffset, destination, destinationOffset, bytes);
        if (bytes > 0)
        {
            Require(EnqueueCopy(_queue, from, to, (nuint)sourceOffset, (nuint)destinationOffset, (nuint)bytes, 0, null, null), "clEnqueueCopyBuffer");
            Submitted();
        }
    }

    /// <inheritdoc/>
    public override void Clear(MemoryBuffer buffer, long byteOffset, long bytes)
    {
        nint handle = Handle(buffer, byteOffset, bytes, nameof(buffer));
        if (bytes == 0)
        {
            return;
        }

        // The range must be whole patterns, and long patterns fill faster.
        byte* zeros = stackalloc byte[ClearPatternBytes];
        new Span<byte>(zeros, ClearPatternBytes).Clear();
        long ragged = (byteOffset | bytes) % ClearPatternBytes;
        int pattern = ragged == 0 ? ClearPatternBytes : ragged % sizeof(int) == 0 ? sizeof(int) : 1;
        Require(EnqueueFill(_queue, handle, zeros, (nuint)pattern, (nuint)byteOffset, (nuint)bytes, 0, null, null), "clEnqueueFillBuffer");
        Submitted();
    }

    /// <inheritdoc/>
    public override AcceleratorEvent Record()
    {
        ThrowIfDisposed();
        return new OpenCLEvent(_accelerator, Mark(), timed: false);
    }

    /// <inheritdoc/>
    public override AcceleratorEvent RecordTimed()
    {
        ThrowIfDisposed();

        // Not under the lock: allocating may wait for finalizers, which may wait for this queue.
        OpenCLBuffer mark = _clockMark ?? (OpenCLBuffer)_accelerator.Allocate(sizeof(int));
        lock (_turn)
        {
            // Only queues made for it note times, and all their work pays for it. So the work stays here, and a second queue fills four
            // bytes when this one has come so far.
            if (_clockMark is null)
            {
                _clockQueue = _accelerator.NewQueue(Profiling);
                _clockMark = mark;
            }

            nint reached = Mark();
            nint timed;
            int zero = 0;
            int code = EnqueueFill(_clockQueue, _clockMark.Handle, &zero, sizeof(int), 0, sizeof(int), 1, &reached, &timed);
            _ = ReleaseEvent(reached);
            Require(code, "clEnqueueFillBuffer");
            Require(Flush(_clockQueue), "clFlush");
            return new OpenCLEvent(_accelerator, timed, timed: true);
        }
    }

    /// <inheritdoc/>
    public override void WaitFor(AcceleratorEvent earlier)
    {
        ThrowIfDisposed();
        if (earlier is not OpenCLEvent point || !ReferenceEquals(point.Accelerator, _accelerator))
        {
            throw new ArgumentException($"The event is not one of {Accelerator.Name}.", nameof(earlier));
        }

        nint handle = point.Handle;
        Require(EnqueueBarrier(_queue, 1, &handle, null), "clEnqueueBarrierWithWaitList");
        Submitted();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        ThrowIfDisposed();
        Require(Finish(_queue), "clFinish");
    }

    /// <summary>Waits for all submitted work, whatever becomes of it.</summary>
    internal void Drain()
    {
        lock (_turn)
        {
            if (!_disposed)
            {
                _ = Finish(_queue);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Submit<TKernel>(KernelConfig config, in TKernel kernel)
    {
        ThrowIfDisposed();
        KernelSource source = TKernel.Source;
        lock (_turn)
        {
            _arguments.Begin(source);
            kernel.Bind(_arguments);
            OpenCLKernel compiled = _kernels.Get(source, _arguments.Specialized);
            RequireFits(source, compiled, config);
            _arguments.Set(compiled, config.SharedBytes);
            nuint* local = stackalloc nuint[3] { (nuint)config.Group.X, (nuint)config.Group.Y, (nuint)config.Group.Z };
            nuint* global = stackalloc nuint[3]
            {
                (nuint)config.Grid.X * (nuint)config.Group.X, (nuint)config.Grid.Y * (nuint)config.Group.Y, (nuint)config.Grid.Z * (nuint)config.Group.Z,
            };
            int code = EnqueueKernel(_queue, compiled.Handle, 3, null, global, local, 0, null, null);
            if (code != 0)
            {
                OpenCLError.Throw(code, _accelerator.FullName, $"clEnqueueNDRangeKernel of {source.Name}");
            }

            Submitted();
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        lock (_turn)
        {
            if (_disposed)
            {
                return;
            }

            // Whatever a lost device answers, the objects go back.
            _ = Finish(_queue);
            _staging.Release();
            _kernels.Release();
            _disposed = true;
            if (_clockMark is not null)
            {
                _ = ReleaseQueue(_clockQueue);
                _clockMark.Dispose();
            }

            _ = ReleaseQueue(_queue);
        }

        _accelerator.Forget(this);
    }

    private void RequireFits(KernelSource source, OpenCLKernel compiled, in KernelConfig config)
    {
        long threads = (long)config.Group.X * config.Group.Y * config.Group.Z;
        if (threads > compiled.MaxGroupThreads)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Kernel {source.Name} cannot be launched on {_accelerator.FullName} with groups of {threads} threads: with the registers that it needs {compiled.MaxGroupThreads} are the most."));
        }

        long shared = (long)compiled.StaticSharedBytes + (source.UsesDynamicShared ? config.SharedBytes : 0);
        if (shared > Accelerator.Properties.MaxSharedBytes)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Kernel {source.Name} cannot be launched on {_accelerator.FullName} with {shared} bytes of shared memory, {compiled.StaticSharedBytes} of them its own: {Accelerator.Properties.MaxSharedBytes} are the most."));
        }
    }

    private nint Handle(MemoryBuffer buffer, long byteOffset, long bytes, string name)
    {
        ThrowIfDisposed();
        TransferChecks.Require(Accelerator, buffer, byteOffset, bytes, name);
        return ((OpenCLBuffer)buffer).Handle;
    }

    private nint Mark()
    {
        nint reached;
        Require(EnqueueMarker(_queue, 0, null, &reached), "clEnqueueMarkerWithWaitList");
        Submitted();
        return reached;
    }

    // Drivers may hold work back until somebody waits for it.
    private void Submitted() => Require(Flush(_queue), "clFlush");

    private void Require(int code, string call) => OpenCLError.Require(code, _accelerator.FullName, call);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
