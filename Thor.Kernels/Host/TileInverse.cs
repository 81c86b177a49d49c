using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Inverses of damped symmetric positive definite tiles: damping, Cholesky factorisation and inverse in one go.</summary>
public static unsafe class TileInverse
{
    /// <summary>Status of a tile whose read triangle, or whose damping, is not finite.</summary>
    public const int NotFinite = -1;

    /// <summary>Status of a tile so ill conditioned that its inverse has no correct digit, or overflows.</summary>
    public const int Hopeless = -2;

    // Reciprocals that are worth a thread's while.
    private const int ElementsPerGroup = 256;

    /// <summary>A tile is hopeless when the product of its 1-norm, that of its inverse and the unit roundoff exceeds this.</summary>
    public const double ConditionLimit = 4;

    /// <summary>
    /// destination tile = (source tile + damping I)^-1 for every slot, exactly symmetric; reads upper triangles only. Tiles of
    /// float32 of one dimension go in pairs, lane by lane side by side, so that the bits of none depend on its neighbours.
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
        int[] keys = ArrayPool<int>.Shared.Rent(slots.Length + 1);
        for (int slot = 0; slot < slots.Length; slot++)
        {
            order[slot] = slot;
            keys[slot] = -slots[slot].Dimension;
        }

        Array.Sort(keys, order, 0, slots.Length);
        fixed (TileSlot* first = slots)
        fixed (int* words = status)
        {
            int groups = Groups<T>(keys, slots.Length);
            WorkerPool.For(groups, new Body<T>(source, destination, first, words, order, keys, groups, retry, damping));
        }

        ArrayPool<int>.Shared.Return(keys);
        ArrayPool<int>.Shared.Return(order);
    }

    /// <summary>Cuts sorted tiles into groups and replaces the keys by the first tile of each and, behind them, their number.</summary>
    /// <returns>Number of groups.</returns>
    private static int Groups<T>(int[] keys, int count)
    {
        // Fewer tiles than threads are done sooner one by one.
        bool pairs = typeof(T) == typeof(float) && Avx2.IsSupported && count > WorkerPool.Shared.Threads;
        int groups = 0;
        for (int first = 0; first < count;)
        {
            int most = keys[first] == -1 ? ElementsPerGroup : pairs ? 2 : 1;
            int end = first + 1;
            while (end < count && end < first + most && keys[end] == keys[first])
            {
                end++;
            }

            keys[groups++] = first;
            first = end;
        }

        keys[groups] = count;
        return groups;
    }

    private readonly struct Body<T>(
        T* source, T* destination, TileSlot* slots, int* status, int[] order, int[] groups, int total, TileRetry retry, T* damping) : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly TileSlot* _slots = slots;
        private readonly int* _status = status;

        public void Invoke(int index)
        {
            int first = groups[index];
            int count = groups[index + 1] - first;
            int n = _slots[order[first]].Dimension;
            if (n == 1)
            {
                for (int i = 0; i < count; i++)
                {
                    Alone(order[first + i]);
                }

                return;
            }

            if (count == 1)
            {
                Alone(order[first]);
                return;
            }

            TileInversionTile<T>* tiles = stackalloc TileInversionTile<T>[2];
            tiles[0] = Tile(order[first]);
            tiles[1] = Tile(order[first + 1]);
            if (Vector512.IsHardwareAccelerated)
            {
                new TileInversion<TileLanes512<T, TileGroups.Two>, Vector512<T>, T>(n, tiles, Ahead(index, tiles, n)).Run();
            }
            else
            {
                new TileInversion<TileLanes256<T, TileGroups.Two>, Vector256<T>, T>(n, tiles).Run();
            }

            Finish(order[first], tiles);
            Finish(order[first + 1], tiles + 1);
        }

        private TileInversionTile<T> Tile(int slot) => new(source + _slots[slot].Offset, destination + _slots[slot].Offset, _slots[slot].Damping);

        private void Alone(int slot)
        {
            TileInversionTile<T> tile = Tile(slot);
            Alone(_slots[slot].Dimension, &tile);
            Finish(slot, &tile);
        }

        /// <summary>Tries a tile that failed again, and tells what became of it.</summary>
        private void Finish(int slot, TileInversionTile<T>* tile)
        {
            for (int attempt = 0; attempt < retry.Retries && tile->Status is not (0 or NotFinite); attempt++)
            {
                tile->Damping *= retry.Factor;
                Alone(_slots[slot].Dimension, tile);
            }

            _status[slot] = tile->Status;
            if (damping is not null)
            {
                damping[slot] = T.CreateTruncating(tile->Damping);
            }
        }

        /// <summary>What a pair waits for, and the next of this thread: threads take pairs in turns.</summary>
        private TileAhead Ahead(int group, TileInversionTile<T>* tiles, int n)
        {
            nint bytes = (nint)n * n * sizeof(T);
            int next = group + WorkerPool.Shared.Threads;
            if (next >= total || groups[next + 1] - groups[next] < 2)
            {
                return new TileAhead(bytes, tiles[0].Destination, tiles[1].Destination, null, null);
            }

            int first = groups[next];
            return new TileAhead(
                bytes,
                tiles[0].Destination,
                tiles[1].Destination,
                source + _slots[order[first]].Offset,
                source + _slots[order[first + 1]].Offset);
        }

        private static void Alone(int n, TileInversionTile<T>* tile)
        {
            if (n == 1)
            {
                tile->InvertElement();
                return;
            }

            // Registers of at most 8 elements, for blocks of 8.
            if (typeof(T) == typeof(double) && Vector512.IsHardwareAccelerated)
            {
                new TileInversion<TileLanes512<T, TileGroups.One>, Vector512<T>, T>(n, tile).Run();
            }
            else if (Vector256.IsHardwareAccelerated)
            {
                new TileInversion<TileLanes256<T, TileGroups.One>, Vector256<T>, T>(n, tile).Run();
            }
            else if (Vector128.IsHardwareAccelerated)
            {
                new TileInversion<TileLanes128<T>, Vector128<T>, T>(n, tile).Run();
            }
            else
            {
                new TileInversion<TileLanes1<T>, T, T>(n, tile).Run();
            }
        }
    }
}
