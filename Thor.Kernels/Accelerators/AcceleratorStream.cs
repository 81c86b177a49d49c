namespace Thor.Kernels.Accelerators;

/// <summary>A queue of work in order. Calls return at once; only downloads and <see cref="Synchronize"/> wait.</summary>
public abstract class AcceleratorStream : IDisposable
{
    /// <summary>A queue of an accelerator.</summary>
    protected AcceleratorStream(Accelerator accelerator)
    {
        Accelerator = accelerator;
    }

    /// <summary>The device.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>Launches a kernel. Nothing is allocated on the managed heap once the kernel has been launched before.</summary>
    /// <typeparam name="TKernel">The struct that the translator wrote for the kernel.</typeparam>
    /// <exception cref="ArgumentException">The launch is beyond the device's or the kernel's limits, or a view belongs to another device.</exception>
    /// <exception cref="DeviceException">The kernel does not compile, or the device failed.</exception>
    public void Launch<TKernel>(KernelConfig config, in TKernel kernel)
        where TKernel : struct, IKernel
    {
        LaunchChecks.Require(Accelerator, TKernel.Source, config);
        if (config.Grid.X == 0 || config.Grid.Y == 0 || config.Grid.Z == 0)
        {
            return;
        }

        Accelerator.CountLaunch();
        Submit(config, kernel);
    }

    /// <summary>Copies host bytes into a buffer. The source may be changed when the call returns.</summary>
    public abstract void Upload(ReadOnlySpan<byte> source, MemoryBuffer destination, long byteOffset);

    /// <summary>Copies pinned bytes into a buffer while the processor goes on.</summary>
    public abstract void Upload(PinnedMemory source, long sourceOffset, MemoryBuffer destination, long byteOffset, long bytes);

    /// <summary>Copies bytes of a buffer to the host, after all work submitted before. Waits.</summary>
    public abstract void Download(MemoryBuffer source, long byteOffset, Span<byte> destination);

    /// <summary>Copies bytes between buffers of this device, which must not overlap.</summary>
    public abstract void Copy(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes);

    /// <summary>Sets bytes of a buffer to zero.</summary>
    public abstract void Clear(MemoryBuffer buffer, long byteOffset, long bytes);

    /// <summary>Marks this point of the queue.</summary>
    public abstract AcceleratorEvent Record();

    /// <summary>Marks this point of the queue and notes when it is reached, for <see cref="AcceleratorEvent.MillisecondsSince"/>.</summary>
    public virtual AcceleratorEvent RecordTimed() => Record();

    /// <summary>Lets work submitted from now on wait for a point of another stream of the device.</summary>
    public abstract void WaitFor(AcceleratorEvent earlier);

    /// <summary>Waits for all submitted work.</summary>
    public abstract void Synchronize();

    /// <summary>
    /// Submits what the action submits to this stream once and keeps it as one unit that can be submitted again; null where the
    /// device has no such thing. Arguments are as they were; buffers must stay alive.
    /// </summary>
    public virtual AcceleratorGraph? Capture(Action submit) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Submits a launch that has been checked.</summary>
    protected abstract void Submit<TKernel>(KernelConfig config, in TKernel kernel)
        where TKernel : struct, IKernel;

    /// <summary>Gives the queue back, after its work.</summary>
    protected abstract void Release();
}
