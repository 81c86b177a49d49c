using Thor.Kernels.Host;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>A queue whose work is done when a call returns. Calls from several threads take turns.</summary>
internal sealed unsafe class CpuStream(CpuAccelerator accelerator) : AcceleratorStream(accelerator)
{
    // Pieces per thread: groups may differ in work, so the last piece should be small.
    private const int PiecesPerThread = 4;

    private readonly Lock _turn = new();
    private readonly ViewChecks _views = new(accelerator);
    private readonly LaunchFault _fault = new();

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, MemoryBuffer destination, long byteOffset)
    {
        TransferChecks.Require(Accelerator, destination, byteOffset, source.Length, nameof(destination));
        Accelerator.CountUpload();
        lock (_turn)
        {
            source.CopyTo(new Span<byte>((void*)(destination.HostAddress + (nint)byteOffset), source.Length));
        }
    }

    /// <inheritdoc/>
    public override void Upload(PinnedMemory source, long sourceOffset, MemoryBuffer destination, long byteOffset, long bytes)
    {
        TransferChecks.Require(source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Accelerator, destination, byteOffset, bytes, nameof(destination));
        Accelerator.CountUpload();
        Move(source.Address + (nint)sourceOffset, destination.HostAddress + (nint)byteOffset, bytes);
    }

    /// <inheritdoc/>
    public override void Download(MemoryBuffer source, long byteOffset, Span<byte> destination)
    {
        TransferChecks.Require(Accelerator, source, byteOffset, destination.Length, nameof(source));
        Accelerator.CountDownload();
        lock (_turn)
        {
            new ReadOnlySpan<byte>((void*)(source.HostAddress + (nint)byteOffset), destination.Length).CopyTo(destination);
        }
    }

    /// <inheritdoc/>
    public override void Copy(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        TransferChecks.Require(Accelerator, source, sourceOffset, bytes, nameof(source));
        TransferChecks.Require(Accelerator, destination, destinationOffset, bytes, nameof(destination));
        TransferChecks.RequireApart(source, sourceOffset, destination, destinationOffset, bytes);
        Move(source.HostAddress + (nint)sourceOffset, destination.HostAddress + (nint)destinationOffset, bytes);
    }

    /// <inheritdoc/>
    public override void Clear(MemoryBuffer buffer, long byteOffset, long bytes)
    {
        TransferChecks.Require(Accelerator, buffer, byteOffset, bytes, nameof(buffer));
        lock (_turn)
        {
            System.Runtime.InteropServices.NativeMemory.Clear((void*)(buffer.HostAddress + (nint)byteOffset), (nuint)bytes);
        }
    }

    /// <inheritdoc/>
    public override AcceleratorEvent Record() => new CpuEvent();

    /// <inheritdoc/>
    public override void WaitFor(AcceleratorEvent earlier)
    {
        if (earlier is not CpuEvent)
        {
            throw new ArgumentException($"The event belongs to another device than cpu: {earlier?.GetType().Name ?? "null"}.", nameof(earlier));
        }
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
    }

    /// <inheritdoc/>
    protected override void Submit<TKernel>(KernelConfig config, in TKernel kernel)
    {
        accelerator.ThrowIfDisposed();
        lock (_turn)
        {
            _views.Check(TKernel.Source, kernel);
            _fault.Reset();
            long groups = (long)config.Grid.X * config.Grid.Y * config.Grid.Z;
            int pieces = (int)Math.Min(groups, PiecesPerThread * WorkerPool.Shared.Threads);
            WorkerPool.For(pieces, new CpuLaunch<TKernel>(accelerator, config, kernel, _fault, groups, pieces));
            _fault.ThrowIfAny();
        }
    }

    /// <inheritdoc/>
    protected override void Release()
    {
    }

    private void Move(nint source, nint destination, long bytes)
    {
        lock (_turn)
        {
            Buffer.MemoryCopy((void*)source, (void*)destination, bytes, bytes);
        }
    }
}
