using System.Buffers;
using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Inverses of damped symmetric positive definite tiles: damping, Cholesky factorisation and inverse in one go.</summary>
public static unsafe class TileInverse
{
    /// <summary>Status of a tile whose read triangle, or whose damping, is not finite.</summary>
    public const int NotFinite = -1;

    /// <summary>Status of a tile so ill conditioned that its inverse has no correct digit, or overflows.</summary>
    public const int Hopeless = -2;

    /// <summary>A tile is hopeless when the product of its 1-norm, that of its inverse and the unit roundoff exceeds this.</summary>
    public const double ConditionLimit = 4;

    /// <summary>
    /// destination tile = (source tile + damping I)^-1 for every slot, exactly symmetric; reads upper triangles only. Every tile
    /// is done by one thread in memory of its own, so its bits do not depend on its neighbours.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="source">Packed tiles.</param>
    /// <param name="destination">Packed tiles, may be the source; a tile that fails is not written.</param>
    /// <param name="slots">Which tiles.</param>
    /// <param name="status">Per slot 0, the order of the first bad minor, <see cref="NotFinite"/> or <see cref="Hopeless"/>, of the last attempt.</param>
    /// <param name="retry">Whether tiles that fail are tried again with more damping.</param>
    /// <param name="damping">Null, or per slot the damping of the last attempt.</param>
    public static void Invert<T>(
        T* source, T* destination, ReadOnlySpan<TileSlot> slots, Span<int> status, TileRetry retry = default, T* damping = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Large tiles first: the last tile to finish should be a small one.
        int[] order = ArrayPool<int>.Shared.Rent(slots.Length);
        int[] keys = ArrayPool<int>.Shared.Rent(slots.Length);
        for (int slot = 0; slot < slots.Length; slot++)
        {
            order[slot] = slot;
            keys[slot] = -slots[slot].Dimension;
        }

        Array.Sort(keys, order, 0, slots.Length);
        fixed (TileSlot* first = slots)
        fixed (int* words = status)
        {
            WorkerPool.For(slots.Length, new Body<T>(source, destination, first, words, order, retry, damping));
        }

        ArrayPool<int>.Shared.Return(keys);
        ArrayPool<int>.Shared.Return(order);
    }

    private readonly struct Body<T>(T* source, T* destination, TileSlot* slots, int* status, int[] order, TileRetry retry, T* damping) : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly TileSlot* _slots = slots;
        private readonly int* _status = status;

        public void Invoke(int index)
        {
            int slot = order[index];
            TileSlot tile = _slots[slot];
            TileInversion<T> inversion = new(tile.Dimension);
            double damped = tile.Damping;
            int word = inversion.Run(source + tile.Offset, destination + tile.Offset, damped);
            for (int attempt = 0; attempt < retry.Retries && word is not (0 or NotFinite); attempt++)
            {
                damped *= retry.Factor;
                word = inversion.Run(source + tile.Offset, destination + tile.Offset, damped);
            }

            _status[slot] = word;
            if (damping is not null)
            {
                damping[slot] = T.CreateTruncating(damped);
            }
        }
    }
}
