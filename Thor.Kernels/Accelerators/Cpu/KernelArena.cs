using System.Globalization;

namespace Thor.Kernels.Accelerators.Cpu;

/// <summary>Memory of a group or a thread of a kernel, handed out piece by piece and taken back as a whole.</summary>
/// <param name="limit">Most bytes.</param>
/// <param name="firstBlock">Bytes of the first block; later ones double.</param>
/// <param name="what">"shared" or "local", for messages.</param>
internal sealed class KernelArena(int limit, int firstBlock, string what)
{
    private readonly List<KernelMemory> _blocks = [];
    private int _block;
    private int _position;

    /// <summary>Bytes handed out.</summary>
    public int UsedBytes { get; private set; }

    /// <summary>Takes everything back.</summary>
    public void Reset()
    {
        _block = 0;
        _position = 0;
        UsedBytes = 0;
    }

    /// <summary>An array whose bytes are all 0xFF.</summary>
    public ArrayView<T> Allocate<T>(int length)
        where T : unmanaged
    {
        long bytes = (long)length * ArrayView<T>.ElementSize;
        if (length < 0 || bytes > limit - UsedBytes)
        {
            throw new KernelFaultException(string.Create(
                CultureInfo.InvariantCulture,
                $"{length} elements of {typeof(T).Name} do not fit into {what} memory of {limit} bytes, {UsedBytes} of them in use{KernelContext.Where()}."));
        }

        int rounded = ((int)bytes + KernelMemory.Alignment - 1) / KernelMemory.Alignment * KernelMemory.Alignment;
        while (_block < _blocks.Count && _position > _blocks[_block].LengthInBytes - rounded)
        {
            _block++;
            _position = 0;
        }

        if (_block == _blocks.Count)
        {
            _blocks.Add(KernelMemory.Allocate(Math.Max(rounded, firstBlock << Math.Min(_block, 12))));
        }

        KernelMemory block = _blocks[_block];
        block.Poison(_position, (int)bytes);
        ArrayView<T> view = new(block, _position, length);
        _position += rounded;
        UsedBytes += (int)bytes;
        return view;
    }
}
