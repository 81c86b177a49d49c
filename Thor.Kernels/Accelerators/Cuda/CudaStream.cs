namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>A non-blocking stream of a CUDA device. Calls of several threads take turns.</summary>
internal sealed unsafe partial class CudaStream : AcceleratorStream
{
    // CU_STREAM_NON_BLOCKING: does not wait for the legacy default stream.
    private const uint NonBlocking = 1;

    private readonly Lock _lock = new();
    private readonly CudaArguments _arguments;
    private readonly CudaStaging _staging;
    private readonly nint _handle;
    private bool _released;

    public CudaStream(CudaAccelerator accelerator)
        : base(accelerator)
    {
        Device = accelerator;
        accelerator.Enter();
        nint handle = 0;
        accelerator.Check(accelerator.Driver.Api.StreamCreate(&handle, NonBlocking), "cuStreamCreate");
        _handle = handle;
        _arguments = new CudaArguments(accelerator);
        _staging = new CudaStaging(accelerator);
        accelerator.Add(this);
    }

    /// <summary>The device.</summary>
    public CudaAccelerator Device { get; }

    /// <summary>The driver's handle.</summary>
    public nint Handle => _handle;

    private CudaApi Api => Device.Driver.Api;

    public override void Upload(ReadOnlySpan<byte> source, MemoryBuffer destination, long byteOffset)
    {
        TransferChecks.Require(Device, destination, byteOffset, source.Length, nameof(destination));
        lock (_lock)
        {
            Enter();
            RequireNotRecording("An upload from memory that may change afterwards", "upload from pinned memory, which every replay reads anew");
            Device.CountUpload();
            _staging.Upload(_handle, source, AddressOf(destination, byteOffset));
        }
    }

    public override void Upload(PinnedMemory source, long sourceOffset, MemoryBuffer destination, long byteOffset, long bytes)
    {
        TransferChecks.Require(source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Device, destination, byteOffset, bytes, nameof(destination));
        lock (_lock)
        {
            Enter();
            Device.CountUpload();
            if (bytes > 0)
            {
                Device.Check(
                    Api.MemcpyHtoDAsync(AddressOf(destination, byteOffset), (void*)(source.Address + (nint)sourceOffset), (nuint)bytes, _handle), "cuMemcpyHtoDAsync");
            }
        }
    }

    public override void Download(MemoryBuffer source, long byteOffset, Span<byte> destination)
    {
        TransferChecks.Require(Device, source, byteOffset, destination.Length, nameof(source));
        lock (_lock)
        {
            Enter();
            RequireNotRecording("A download, which waits,", "read results after the replay");
            Device.CountDownload();
            fixed (byte* target = destination)
            {
                if (destination.Length > 0)
                {
                    Device.Check(Api.MemcpyDtoHAsync(target, AddressOf(source, byteOffset), (nuint)destination.Length, _handle), "cuMemcpyDtoHAsync");
                }

                Device.Check(Api.StreamSynchronize(_handle), "cuStreamSynchronize");
            }
        }
    }

    public override void Copy(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        TransferChecks.Require(Device, source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Device, destination, destinationOffset, bytes, nameof(destination));
        TransferChecks.RequireApart(source, sourceOffset, destination, destinationOffset, bytes);

        lock (_lock)
        {
            Enter();
            if (bytes > 0)
            {
                Device.Check(
                    Api.MemcpyDtoDAsync(AddressOf(destination, destinationOffset), AddressOf(source, sourceOffset), (nuint)bytes, _handle), "cuMemcpyDtoDAsync");
            }
        }
    }

    public override void Clear(MemoryBuffer buffer, long byteOffset, long bytes)
    {
        TransferChecks.Require(Device, buffer, byteOffset, bytes, nameof(buffer));
        lock (_lock)
        {
            Enter();
            if (bytes > 0)
            {
                Device.Check(Api.MemsetD8Async(AddressOf(buffer, byteOffset), 0, (nuint)bytes, _handle), "cuMemsetD8Async");
            }
        }
    }

    public override AcceleratorEvent Record() => Record(timed: false);

    public override AcceleratorEvent RecordTimed() => Record(timed: true);

    public override void WaitFor(AcceleratorEvent earlier)
    {
        if (earlier is not CudaEvent point || !ReferenceEquals(point.Accelerator, Device))
        {
            throw new ArgumentException($"A stream of {Device.Name} can only wait for events of {Device.Name}.", nameof(earlier));
        }

        lock (_lock)
        {
            Enter();
            Device.Check(Api.StreamWaitEvent(_handle, point.Handle, 0), "cuStreamWaitEvent");
        }
    }

    public override void Synchronize()
    {
        lock (_lock)
        {
            Enter();
            RequireNotRecording("Waiting", "wait after the replay");
            Device.Check(Api.StreamSynchronize(_handle), "cuStreamSynchronize");
        }
    }

    protected override void Submit<TKernel>(KernelConfig config, in TKernel kernel)
    {
        KernelSource source = TKernel.Source;
        lock (_lock)
        {
            Enter();
            CudaKernelVariants variants = Device.Variants(source);
            _arguments.Begin(source.Name, variants.TakesLength);
            kernel.Bind(_arguments);
            CudaKernel compiled = variants.Get(_arguments.Specialized);
            compiled.Prepare(config);
            Device.Launched(source);
            CudaResult result = Api.LaunchKernel(
                compiled.Function,
                (uint)config.Grid.X,
                (uint)config.Grid.Y,
                (uint)config.Grid.Z,
                (uint)config.Group.X,
                (uint)config.Group.Y,
                (uint)config.Group.Z,
                (uint)config.SharedBytes,
                _handle,
                _arguments.Pointers,
                null);
            if (result != CudaResult.Success)
            {
                Device.Check(result, $"cuLaunchKernel of {source.Name} ({compiled.Summary}) with {config}");
            }

            _recordedKernels++;
        }
    }

    protected override void Release()
    {
        lock (_lock)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            Device.Remove(this);
            if (Device.TryEnter())
            {
                // Answers are not looked at: see CudaAccelerator.Release.
                Api.StreamSynchronize(_handle);
                _staging.Release();
                Api.StreamDestroy(_handle);
            }

            _arguments.Dispose();
        }
    }

    private static nint AddressOf(MemoryBuffer buffer, long byteOffset) => ((CudaBuffer)buffer).Address + (nint)byteOffset;

    private CudaEvent Record(bool timed)
    {
        lock (_lock)
        {
            Enter();
            return new CudaEvent(Device, _handle, timed);
        }
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_released, this);
        Device.Enter();
    }
}
