using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <content>Tiles into scratch memory, and inverses out of it.</content>
internal readonly unsafe partial struct TileInversion<TLanes, TVector, T>
{
    /// <summary>Scaled and damped rows of minus the tiles, from the first column of their block on.</summary>
    private void Load(int first)
    {
        TileInversionTile<T>* a = _tiles;
        TileInversionTile<T>* b = _tiles + TLanes.Tiles - 1;

        // The largest element of the diagonal is between 1 and 2 now.
        TVector floor = TLanes.Broadcast(T.CreateTruncating(Roundoff * Roundoff));
        int full = _n & ~(TLanes.Count - 1);
        int end = Math.Min(first + Block, _n);
        for (int i = first; i < end; i++)
        {
            T* row = _s + ((long)i * _stride);
            T* left = a->Source + ((long)i * _n);
            T* right = b->Source + ((long)i * _n);
            int j = first & ~(TLanes.Count - 1);
            for (; j < full; j += TLanes.Count)
            {
                TileWeave<TLanes, TVector, T>.Join(left + j, -a->Scale, right + j, -b->Scale, floor, row + (j * TLanes.Tiles));
            }

            if (j < _n)
            {
                T* second = _chunk + TLanes.Count;
                new Span<T>(_chunk, 2 * TLanes.Count).Clear();
                new ReadOnlySpan<T>(left + j, _n - j).CopyTo(new Span<T>(_chunk, TLanes.Count));
                new ReadOnlySpan<T>(right + j, _n - j).CopyTo(new Span<T>(second, TLanes.Count));
                TileWeave<TLanes, TVector, T>.Join(_chunk, -a->Scale, second, -b->Scale, floor, row + (j * TLanes.Tiles));
                j += TLanes.Count;
            }

            if (j < _padded)
            {
                new Span<T>(row + (j * TLanes.Tiles), (_padded - j) * TLanes.Tiles).Clear();
            }

            for (int tile = 0; tile < TLanes.Tiles; tile++)
            {
                row[(i * TLanes.Tiles) + tile] = -(_tiles[tile].Source[((long)i * _n) + i] * _tiles[tile].Scale) - _tiles[tile].Shift;
            }
        }

        for (int i = Math.Max(first, _n); i < first + Block; i++)
        {
            T* row = _s + ((long)i * _stride);
            new Span<T>(row + (first * TLanes.Tiles), Width).Clear();
            new Span<T>(row + (i * TLanes.Tiles), TLanes.Tiles).Fill(T.NegativeOne);
        }
    }

    /// <summary>Writes rows of inverses, and mirrors them as soon as there are as many as registers transpose at once.</summary>
    private void Save(int first, T* result)
    {
        int full = _n & ~(TLanes.Count - 1);
        int end = Math.Min(first + Block, _n);
        for (int i = first; i < end; i++)
        {
            T* row = result + ((long)(i - first) * _stride);
            int stop = Math.Min(i + 1, full);
            for (int j = 0; j < stop; j += TLanes.Count)
            {
                TileWeave<TLanes, TVector, T>.Part(row + (j * TLanes.Tiles), out TVector left, out TVector right);
                Store(left, 0, ((long)i * _n) + j);
                if (TLanes.Tiles == 2)
                {
                    Store(right, 1, ((long)i * _n) + j);
                }
            }

            // Columns that fill no register, and the diagonal, whose elements stay however small they are.
            for (int tile = 0; tile < TLanes.Tiles; tile++)
            {
                TileInversionTile<T>* own = _tiles + tile;
                T* target = own->Destination + ((long)i * _n);
                for (int j = full; j < i && own->Status == 0; j++)
                {
                    T value = row[(j * TLanes.Tiles) + tile];
                    target[j] = T.Abs(value) < own->Floor ? T.Zero : value * own->Scale;
                }

                if (own->Status == 0)
                {
                    target[i] = row[(i * TLanes.Tiles) + tile] * own->Scale;
                }
            }
        }

        for (int tile = 0; tile < TLanes.Tiles && (end % TileTranspose.LargestBlock == 0 || end == _n); tile++)
        {
            if (_tiles[tile].Status == 0)
            {
                TileTranspose.MirrorLower(_tiles[tile].Destination, _n, (end - 1) & ~(TileTranspose.LargestBlock - 1), end);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(TVector value, int tile, long place)
    {
        TileInversionTile<T>* own = _tiles + tile;
        if (own->Status == 0)
        {
            TLanes.Store(TLanes.Multiply(TLanes.Flush(value, TLanes.Broadcast(own->Floor)), TLanes.Broadcast(own->Scale)), own->Destination + place);
        }
    }
}
