using System.Runtime.CompilerServices;

namespace Thor.Kernels.Accelerators.Ilgpu;

/// <summary>A queue of an ILGPU device.</summary>
internal sealed unsafe class IlgpuStream(IlgpuAccelerator accelerator, ILGPU.Runtime.AcceleratorStream stream) : AcceleratorStream(accelerator)
{
    private readonly Lock _turn = new();
    private readonly ViewChecks _views = new(accelerator);

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, MemoryBuffer destination, long byteOffset)
    {
        TransferChecks.Require(Accelerator, destination, byteOffset, source.Length, nameof(destination));
        Accelerator.CountUpload();
        accelerator.Enter();
        try
        {
            Bytes(destination, byteOffset, source.Length).CopyFromCPU(stream, source);
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("an upload", exception);
        }
    }

    /// <inheritdoc/>
    public override void Upload(PinnedMemory source, long sourceOffset, MemoryBuffer destination, long byteOffset, long bytes)
    {
        TransferChecks.Require(source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Accelerator, destination, byteOffset, bytes, nameof(destination));
        Accelerator.CountUpload();
        if (bytes == 0)
        {
            return;
        }

        accelerator.Enter();
        try
        {
            Bytes(destination, byteOffset, bytes).CopyFromCPUUnsafeAsync(stream, ref Unsafe.AsRef<byte>((void*)(source.Address + (nint)sourceOffset)), bytes);
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("an upload", exception);
        }
    }

    /// <inheritdoc/>
    public override void Download(MemoryBuffer source, long byteOffset, Span<byte> destination)
    {
        TransferChecks.Require(Accelerator, source, byteOffset, destination.Length, nameof(source));
        Accelerator.CountDownload();
        accelerator.Enter();
        try
        {
            Bytes(source, byteOffset, destination.Length).CopyToCPU(stream, destination);
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("a download", exception);
        }
    }

    /// <inheritdoc/>
    public override void Copy(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        TransferChecks.Require(Accelerator, source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Accelerator, destination, destinationOffset, bytes, nameof(destination));
        TransferChecks.RequireApart(source, sourceOffset, destination, destinationOffset, bytes);
        if (bytes == 0)
        {
            return;
        }

        accelerator.Enter();
        try
        {
            Bytes(source, sourceOffset, bytes).CopyTo(stream, Bytes(destination, destinationOffset, bytes));
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("a copy", exception);
        }
    }

    /// <inheritdoc/>
    public override void Clear(MemoryBuffer buffer, long byteOffset, long bytes)
    {
        TransferChecks.Require(Accelerator, buffer, byteOffset, bytes, nameof(buffer));
        if (bytes == 0)
        {
            return;
        }

        accelerator.Enter();
        try
        {
            Bytes(buffer, byteOffset, bytes).MemSetToZero(stream);
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("clearing memory", exception);
        }
    }

    /// <inheritdoc/>
    public override AcceleratorEvent Record()
    {
        accelerator.Enter();
        return new IlgpuEvent(accelerator, stream.AddProfilingMarker());
    }

    /// <summary>Waits here: ILGPU has no queue that waits for another.</summary>
    public override void WaitFor(AcceleratorEvent earlier)
    {
        if (earlier is not IlgpuEvent point || !ReferenceEquals(point.Accelerator, accelerator))
        {
            throw new ArgumentException($"The event belongs to another device than {accelerator.Name}: {earlier?.GetType().Name ?? "null"}.", nameof(earlier));
        }

        point.Synchronize();
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        accelerator.Enter();
        try
        {
            stream.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw accelerator.Failure("waiting for a queue", exception);
        }
    }

    /// <inheritdoc/>
    protected override void Submit<TKernel>(KernelConfig config, in TKernel kernel)
    {
        accelerator.Enter();
        IlgpuLaunch<TKernel> launch = accelerator.Kernels.Launcher<TKernel>();
        Dialect.Index3D grid = config.Grid;
        Dialect.Index3D group = config.Group;
        SharedMemoryConfig shared = config.SharedBytes > 0 ? SharedMemoryConfig.RequestDynamic<byte>(config.SharedBytes) : default;
        ILGPU.KernelConfig size = new(new Index3D(grid.X, grid.Y, grid.Z), new Index3D(group.X, group.Y, group.Z), shared);
        lock (_turn)
        {
            _views.Check(TKernel.Source, kernel);
            try
            {
                launch(stream, size, kernel);
            }
            catch (Exception exception) when (exception is AcceleratorException or InternalCompilerException)
            {
                throw accelerator.Failure($"kernel {TKernel.Source.Name}", exception);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (!ReferenceEquals(accelerator.Stream, this))
        {
            Synchronize();
            stream.Dispose();
        }
    }

    private static ArrayView<byte> Bytes(MemoryBuffer buffer, long offset, long bytes) => ((IlgpuBuffer)buffer).Block.AsRawArrayView(offset, bytes);
}
