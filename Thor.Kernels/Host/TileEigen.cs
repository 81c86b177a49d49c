using System.Buffers;
using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Eigenvalues and eigenvectors of symmetric tiles: A = V D V^T.</summary>
public static unsafe class TileEigen
{
    /// <summary>Status of a tile whose elements, or damping, are not finite.</summary>
    public const int NotFinite = -1;

    /// <summary>Status of a tile whose eigenvalues do not settle; none is known.</summary>
    public const int NotConverged = 1;

    /// <summary>
    /// Decomposes every slot of a run. The columns of V are orthonormal, the eigenvalues ascend, and the element of largest magnitude of every
    /// eigenvector, the first of equals, is positive. The tiles are shared out over the worker pool; their bits do not depend on its size.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="source">Packed tiles, of which only upper triangles are read.</param>
    /// <param name="vectors">Packed V, may be the source; a tile that fails is not written.</param>
    /// <param name="values">D of each slot, with its damping added, one after the other in the order of the slots.</param>
    /// <param name="slots">Which tiles.</param>
    /// <param name="status">Per slot 0, <see cref="NotFinite"/> or <see cref="NotConverged"/>.</param>
    public static void Decompose<T>(T* source, T* vectors, T* values, ReadOnlySpan<TileSlot> slots, Span<int> status)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Large tiles first: the last tile to finish should be a small one.
        int[] order = ArrayPool<int>.Shared.Rent(slots.Length);
        int[] keys = ArrayPool<int>.Shared.Rent(slots.Length);
        int[] firsts = ArrayPool<int>.Shared.Rent(slots.Length);
        int first = 0;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            order[slot] = slot;
            keys[slot] = -slots[slot].Dimension;
            firsts[slot] = first;
            first += slots[slot].Dimension;
        }

        Array.Sort(keys, order, 0, slots.Length);
        fixed (TileSlot* tiles = slots)
        fixed (int* words = status)
        {
            WorkerPool.For(slots.Length, new Body<T>(source, vectors, values, tiles, words, order, firsts));
        }

        ArrayPool<int>.Shared.Return(firsts);
        ArrayPool<int>.Shared.Return(keys);
        ArrayPool<int>.Shared.Return(order);
    }

    private readonly struct Body<T>(T* source, T* vectors, T* values, TileSlot* slots, int* status, int[] order, int[] firsts) : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly TileSlot* _slots = slots;
        private readonly int* _status = status;

        public void Invoke(int index)
        {
            int slot = order[index];
            TileSlot tile = _slots[slot];
            _status[slot] = new TileSpectrum<T>(tile.Dimension).Run(source + tile.Offset, vectors + tile.Offset, values + firsts[slot], tile.Damping);
        }
    }
}
