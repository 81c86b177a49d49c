using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <content>Tiles into scratch memory, and inverses out of it.</content>
internal unsafe partial struct TileInversion<TLanes, TVector, T>
{
    /// <summary>Columns of a block row of minus the tiles, scaled; with those of the diagonal, also damped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Load(in TileInversionSource<TLanes, TVector, T> source, int first, int column, int end)
    {
        int step = TLanes.Count / TLanes.Tiles;
        int full = end <= _n ? end : _n / step * step;
        int rows = Math.Min(first + Block, _n);
        T* a = source.First + ((nint)first * _n);
        T* b = source.Second + ((nint)first * _n);
        T* row = _s + ((nint)first * _stride);
        TVector scale = source.Scale;
        TVector floor = source.Floor;
        for (int i = first; i < rows; i++)
        {
            for (int j = column; j < full; j += step)
            {
                TLanes.Store(TileWeave<TLanes, TVector, T>.Join(a + j, b + j, scale, floor), row + (j * TLanes.Tiles));
            }

            a += _n;
            b += _n;
            row += _stride;
        }

        if (full < end || rows < first + Block)
        {
            Pad(source, first, Math.Max(column, full), end);
        }

        for (int i = first; column == first && i < first + Block; i++)
        {
            for (int tile = 0; tile < TLanes.Tiles; tile++)
            {
                TileInversionTile<T>* own = _tiles + tile;
                _s[((nint)i * _stride) + (i * TLanes.Tiles) + tile] =
                    i < _n ? -(own->Source[((nint)i * _n) + i] * own->Scale) - own->Shift : T.NegativeOne;
            }
        }
    }

    /// <summary>Columns of a block row that fill no register, and zeros where the tiles have no rows or columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Pad(in TileInversionSource<TLanes, TVector, T> source, int first, int column, int end)
    {
        int step = TLanes.Count / TLanes.Tiles;
        for (int i = first; i < first + Block; i++)
        {
            int from = i < _n ? column : first; // rows beyond the last have the diagonal block only
            T* row = _s + ((nint)i * _stride);
            new Span<T>(row + (from * TLanes.Tiles), (end - from) * TLanes.Tiles).Clear();
            if (i < _n && column < _n)
            {
                T* rests = _chunk;
                for (int tile = 0; tile < TLanes.Tiles; tile++)
                {
                    Span<T> rest = new(rests + (tile * step), step);
                    rest.Clear();
                    new ReadOnlySpan<T>(_tiles[tile].Source + ((nint)i * _n) + column, _n - column).CopyTo(rest);
                }

                TLanes.Store(
                    TileWeave<TLanes, TVector, T>.Join(rests, rests + ((TLanes.Tiles - 1) * step), source.Scale, source.Floor),
                    row + (column * TLanes.Tiles));
            }
        }
    }

    /// <summary>Writes a band of rows of inverses, and mirrors them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Save(int first, T* result)
    {
        int end = Math.Min(first + Band, _n);
        int row = first;
        if (typeof(TVector) == typeof(Vector512<float>) && _tiles[0].Status == 0 && _tiles[1].Status == 0)
        {
            row = end - (end % Block);
            for (int column = 0; column < row; column += Block)
            {
                for (int block = Math.Max(first, column); block < row; block += Block)
                {
                    T* woven = result + ((block - first) * (nint)_stride) + (column * TLanes.Tiles);
                    TileMirror.Store((float*)woven, _stride, (TileInversionTile<float>*)_tiles, _n, block, column);
                }
            }
        }

        if (row < end)
        {
            SaveRows(row, end, result + ((row - first) * (nint)_stride));
        }
    }

    /// <summary>The same for any rows of any tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SaveRows(int first, int end, T* result)
    {
        int step = TLanes.Count / TLanes.Tiles;
        int full = _n / step * step;
        TVector scale = Of(_tiles->Scale, _tiles[TLanes.Tiles - 1].Scale);
        TVector floor = Of(_tiles->Floor, _tiles[TLanes.Tiles - 1].Floor);
        for (int i = first; i < end; i++)
        {
            T* row = result + ((long)(i - first) * _stride);
            int stop = Math.Min(i + 1, full);
            for (int j = 0; j < stop; j += step)
            {
                TVector value = TLanes.Multiply(TLanes.Flush(TLanes.Load(row + (j * TLanes.Tiles)), floor), scale);
                TileWeave<TLanes, TVector, T>.Part(value, Target(0, i, j), Target(TLanes.Tiles - 1, i, j));
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

        for (int tile = 0; tile < TLanes.Tiles; tile++)
        {
            if (_tiles[tile].Status == 0)
            {
                TileTranspose.MirrorLower(_tiles[tile].Destination, _n, first, end);
            }
        }
    }

    /// <summary>Where an element of an inverse goes: nowhere if there is no inverse.</summary>
    private readonly T* Target(int tile, int row, int column) =>
        _tiles[tile].Status == 0 ? _tiles[tile].Destination + ((nint)row * _n) + column : _chunk;

    /// <summary>A number of each tile in all columns.</summary>
    private readonly TVector Of(T first, T second)
    {
        _chunk[TLanes.Tiles - 1] = second;
        _chunk[0] = first;
        return TLanes.Broadcast(_chunk);
    }
}
