using System.Runtime.InteropServices;
using Thor.Engine.Memory;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <summary>
/// The primitives on any accelerator: tensors become views here, the kernels and how they are launched are in Thor.Kernels.Kernels.
/// Float32 and Int32; work is queued in order and nothing waits but downloads.
/// </summary>
internal sealed partial class AcceleratorBackend : Backend
{
    [ThreadStatic]
    private static AcceleratorBackend? t_aside;

    private readonly MemoryBuffer<int> _faults;
    private readonly Lazy<AcceleratorStream> _aside;
    private long _leaked;
    private int _mayHaveFaults;
    private bool _replays;

    public AcceleratorBackend(Device device, Accelerator accelerator)
    {
        Device = device;
        Accelerator = accelerator;
        _aside = new Lazy<AcceleratorStream>(accelerator.CreateStream);
        _faults = accelerator.Allocate<int>(DeviceFaults.Length);
        _faults.Clear();
    }

    public override Device Device { get; }

    /// <summary>The machine.</summary>
    public Accelerator Accelerator { get; }

    public override MemoryStatistics Statistics
    {
        get
        {
            AcceleratorStatistics s = Accelerator.Statistics;
            return new MemoryStatistics(s.InUseBytes, s.PooledBytes, s.PeakBytes, s.Allocations, s.PoolMisses, Interlocked.Read(ref _leaked));
        }
    }

    /// <summary>The queue of this backend's work: the second one inside of <see cref="Aside"/>.</summary>
    private AcceleratorStream Stream => t_aside == this ? _aside.Value : Accelerator.Stream;

    /// <summary>Where kernels note errors that depend on data. Asking for it makes the next download look at it.</summary>
    private ArrayView<int> Faults
    {
        get
        {
            Volatile.Write(ref _mayHaveFaults, 1);
            return _faults.View;
        }
    }

    public override TensorMemory Allocate(long bytes) =>
        new AcceleratorMemory(Device, Accelerator.Allocate(bytes), bytes, () => Interlocked.Increment(ref _leaked));

    public override void Trim() => Accelerator.Trim();

    public override AcceleratorEvent? RecordTimed() => Stream.RecordTimed();

    public override void Upload(ReadOnlySpan<byte> source, TensorMemory destination, long byteOffset)
    {
        if (!source.IsEmpty)
        {
            Stream.Upload(source, Buffer(destination), byteOffset);
        }
    }

    public override void Download(TensorMemory source, long byteOffset, Span<byte> destination)
    {
        if (!destination.IsEmpty)
        {
            Stream.Download(Buffer(source), byteOffset, destination);
        }

        ThrowFault();
    }

    public override void Synchronize()
    {
        Stream.Synchronize();
        ThrowFault();
    }

    public override SideWork Aside(Action submit)
    {
        AcceleratorStream aside = _aside.Value;
        using (AcceleratorEvent before = Accelerator.Stream.Record())
        {
            aside.WaitFor(before);
        }

        AcceleratorBackend? outer = t_aside;
        t_aside = this;
        try
        {
            SideMemory.Use(submit);
        }
        finally
        {
            t_aside = outer;
        }

        return new AcceleratorSideWork(Accelerator.Stream, aside);
    }

    public override AcceleratorGraph? Record(Action submit)
    {
        AcceleratorGraph? recorded = Stream.Capture(submit);
        _replays |= recorded is not null;
        return recorded;
    }

    /// <summary>The elements of a contiguous tensor; a tensor without elements may begin behind its memory, and has no view.</summary>
    private static ArrayView<T> View<T>(Tensor tensor)
        where T : unmanaged => tensor.Length == 0 ? default : new(Buffer(tensor.Memory), tensor.Offset * ArrayView<T>.ElementSize, tensor.Length);

    /// <summary>Everything from a tensor's first element to the end of its memory: what strides may reach.</summary>
    private static ArrayView<T> Reach<T>(Tensor tensor)
        where T : unmanaged
    {
        if (tensor.Length == 0)
        {
            return default;
        }

        MemoryBuffer buffer = Buffer(tensor.Memory);
        long offset = tensor.Offset * ArrayView<T>.ElementSize;
        return new ArrayView<T>(buffer, offset, (buffer.LengthInBytes - offset) / ArrayView<T>.ElementSize);
    }

    private static MemoryBuffer Buffer(TensorMemory memory) => ((AcceleratorMemory)memory).Buffer;

    /// <summary>Throws what a kernel noted since the last look, once.</summary>
    private void ThrowFault()
    {
        // Kernels that are replayed do not come by here, so once there are recordings every download looks.
        if (Interlocked.Exchange(ref _mayHaveFaults, 0) == 0 && !_replays)
        {
            return;
        }

        Span<int> fault = stackalloc int[DeviceFaults.Length];
        Stream.Download(_faults.Buffer, 0, MemoryMarshal.AsBytes(fault));
        if (fault[0] == 0)
        {
            return;
        }

        _faults.Clear();
        throw fault[0] switch
        {
            DeviceFaults.IdOutsideTable => new ArgumentOutOfRangeException("ids", fault[2], $"Id number {fault[1]} is outside the table, which has {fault[3]} rows."),
            DeviceFaults.PositionOutsidePlane => new ArgumentOutOfRangeException(
                "position", fault[2], $"An index of a pooling points outside its plane of {fault[3]} elements."),
            _ => new ArgumentOutOfRangeException("labels", fault[2], $"Label number {fault[1]} is outside [0, {fault[3]}) and is not the ignored label."),
        };
    }
}
