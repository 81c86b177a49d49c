using System.Globalization;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>
/// A group that an OS thread is running, and the memory of its threads. Used again for group after group, so that a launch allocates
/// in its first groups only.
/// </summary>
/// <param name="sharedLimit">Most bytes of shared memory of a group.</param>
internal sealed partial class CpuKernelContext(int sharedLimit) : KernelContext
{
    // CUDA's limit is 512 KiB a thread. Arrays that a helper allocates are given back with the thread only, hence more here.
    private const int LocalLimit = 64 << 20;

    private readonly KernelArena _sharedArena = new(sharedLimit, 16 << 10, "shared");
    private readonly List<(MemoryBuffer Block, long Offset, long Bytes)> _shared = [];
    private readonly List<KernelArena> _local = [];
    private ArrayView<byte> _dynamic;
    private IEnumerator<int>?[] _steps = [];
    private int[] _sharedCalls = [];
    private int _threads;
    private int _linear;
    private int _dynamicBytes;
    private bool _sideBySide;

    /// <summary>Prepares for groups of a launch and becomes the context of the calling OS thread.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="config">Size of the launch.</param>
    public void BeginLaunch(KernelSource kernel, in KernelConfig config)
    {
        KernelName = kernel.Name;
        GridSize = config.Grid;
        GroupSize = config.Group;
        _threads = config.Group.Size;
        _sideBySide = kernel.HasBarriers;
        _dynamicBytes = config.SharedBytes;
        if (_sharedCalls.Length < _threads)
        {
            _sharedCalls = new int[_threads];
        }

        for (int i = _local.Count; i < (_sideBySide ? _threads : 1); i++)
        {
            _local.Add(new KernelArena(LocalLimit, 1 << 10, "local"));
        }

        BeginExchange();
        Current = this;
    }

    /// <summary>Begins a group: its memory is fresh.</summary>
    public void BeginGroup(Index3D group)
    {
        Group = group;
        Thread = default;
        _linear = 0;
        _shared.Clear();
        _sharedArena.Reset();
        Array.Clear(_sharedCalls, 0, _threads);
        _dynamic = _dynamicBytes == 0 ? default : _sharedArena.Allocate<byte>(_dynamicBytes);
        for (int i = 0; i < (_sideBySide ? _threads : 1); i++)
        {
            _local[i].Reset();
        }

        BeginGroupExchange();
    }

    /// <summary>Places for the threads of the group, all empty.</summary>
    public Span<IEnumerator<int>?> BeginRounds()
    {
        if (_steps.Length < _threads)
        {
            _steps = new IEnumerator<int>?[_threads];
        }

        return _steps.AsSpan(0, _threads);
    }

    /// <summary>Names the thread that runs from now on. In a kernel without barriers the one before has ended.</summary>
    public void SelectThread(Index3D thread, int linear)
    {
        Thread = thread;
        _linear = linear;
        if (!_sideBySide)
        {
            _local[0].Reset();
        }
    }

    /// <inheritdoc/>
    public override ArrayView<T> AllocateShared<T>(int length)
    {
        int call = _sharedCalls[_linear]++;
        if (call == _shared.Count)
        {
            ArrayView<T> fresh = _sharedArena.Allocate<T>(length);
            _shared.Add((fresh.Buffer!, fresh.OffsetInBytes, fresh.LengthInBytes)); // the arena's views have a buffer
            return fresh;
        }

        (MemoryBuffer block, long offset, long bytes) = _shared[call];
        if (length < 0 || (long)length * ArrayView<T>.ElementSize != bytes)
        {
            throw new KernelFaultException(string.Create(
                CultureInfo.InvariantCulture,
                $"Threads of a group do not agree on shared array {call}, from 0: {length} elements of {typeof(T).Name} against {bytes} bytes{Where()}."));
        }

        return new ArrayView<T>(block, offset, length);
    }

    /// <inheritdoc/>
    public override ArrayView<T> DynamicShared<T>() => _dynamic.Cast<T>();

    /// <inheritdoc/>
    public override ArrayView<T> AllocateLocal<T>(int length) => _local[_sideBySide ? _linear : 0].Allocate<T>(length);
}
