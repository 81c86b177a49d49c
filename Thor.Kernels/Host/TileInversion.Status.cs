using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <content>Scales, and whether there is an inverse.</content>
internal unsafe partial struct TileInversion<TLanes, TVector, T>
{
    /// <summary>Scales of the tiles.</summary>
    /// <returns>False if no tile can have an inverse.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Prepare()
    {
        for (int tile = 0; tile < TLanes.Tiles; tile++)
        {
            T* source = _tiles[tile].Source;
            for (int i = 0; i < _n; i++)
            {
                _pivots[(i * TLanes.Tiles) + tile] = source[((long)i * _n) + i];
            }

            // Padding that is neither largest nor least.
            for (int i = _n; i < _padded; i++)
            {
                _pivots[(i * TLanes.Tiles) + tile] = *source;
            }
        }

        bool any = false;
        T* most = stackalloc T[TLanes.Tiles];
        T* least = stackalloc T[TLanes.Tiles];
        Largest(_pivots, T.One, most);
        Largest(_pivots, T.NegativeOne, least);
        for (int i = 0; i < TLanes.Tiles; i++)
        {
            TileInversionTile<T>* tile = _tiles + i;
            tile->Largest = Math.Max(
                Math.Abs(double.CreateTruncating(most[i]) + tile->Damping), Math.Abs(tile->Damping - double.CreateTruncating(least[i])));
            tile->Status = double.IsFinite(tile->Largest) ? 0 : TileInverse.NotFinite;
            tile->Power = 1;
            if (tile->Status == 0 && tile->Largest > 0)
            {
                // Clamped so that the scale itself is a normal float.
                tile->Power = Math.ScaleB(1, Math.Clamp(-Math.ILogB(tile->Largest), -126, 126));
            }

            tile->Scale = T.CreateTruncating(tile->Power);
            tile->Shift = T.CreateTruncating(tile->Damping * tile->Power);
            any |= tile->Status == 0;
        }

        return any;
    }

    /// <summary>The largest of the padded dimension's elements of each tile, times a sign; not a number if one is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Largest(T* elements, T sign, T* largest)
    {
        TVector signs = TLanes.Broadcast(sign);
        TVector most = TLanes.Multiply(TLanes.Load(elements), signs);
        TVector poison = TLanes.Zero;
        int end = _padded * TLanes.Tiles;
        for (int i = 0; i < end; i += TLanes.Count)
        {
            TVector value = TLanes.Multiply(TLanes.Load(elements + i), signs);
            most = TLanes.Max(value, most);
            poison = TLanes.MultiplyAdd(value, TLanes.Zero, poison);
        }

        TLanes.Store(most, _chunk);
        TLanes.Store(poison, _chunk + TLanes.Count);
        for (int tile = 0; tile < TLanes.Tiles; tile++)
        {
            T top = _chunk[tile];
            T sum = T.Zero;
            for (int lane = tile; lane < TLanes.Count; lane += TLanes.Tiles)
            {
                top = _chunk[lane] > top ? _chunk[lane] : top;
                sum += _chunk[TLanes.Count + lane];
            }

            largest[tile] = top + sum;
        }
    }

    /// <summary>Adds the squares of a block row of X, from a column on, to the sums down its columns, which become the diagonal of X^T X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddNorms(int first, int column)
    {
        T* panel = _s + ((long)first * _stride);
        int end = (first + Block) * TLanes.Tiles;
        for (; column < end; column += TLanes.Count)
        {
            TVector sum = TLanes.Load(_norms + column);
            for (int row = 0; row < Block; row++)
            {
                TVector value = TLanes.Load(panel + (row * (nint)_stride) + column);
                sum = TLanes.MultiplyAdd(value, value, sum);
            }

            TLanes.Store(sum, _norms + column);
        }
    }

    /// <summary>Sets the status of tiles with a bad pivot, or whose inverse overflows.</summary>
    /// <returns>True if all others are well conditioned by a bound, as most are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Judge()
    {
        bool certain = true;
        T* tops = stackalloc T[TLanes.Tiles];
        T* worst = stackalloc T[TLanes.Tiles];
        new Span<T>(_norms + (_n * TLanes.Tiles), (_padded - _n) * TLanes.Tiles).Clear();
        Largest(_norms, T.One, tops);
        Largest(_pivots, T.NegativeOne, worst);
        for (int i = 0; i < TLanes.Tiles; i++)
        {
            TileInversionTile<T>* tile = _tiles + i;
            tile->Top = double.CreateTruncating(tops[i]);
            tile->Floor = T.CreateTruncating(tile->Top * Roundoff * Roundoff * Roundoff);
            if (tile->Status == 0)
            {
                int good = worst[i] < T.Zero ? _n : GoodPivots(i);
                if (good < _n)
                {
                    // Anything that is not finite spoils a pivot, so only tiles with a bad pivot need to be searched for it.
                    tile->Status = Finite(tile->Source) ? good + 1 : TileInverse.NotFinite;
                }
                else if (!T.IsFinite(T.CreateTruncating(tile->Top) * tile->Scale))
                {
                    tile->Status = TileInverse.Hopeless;
                }
                else
                {
                    certain &= IsGoodByBound(tile);
                }
            }
        }

        return certain;
    }

    private void JudgeNorms()
    {
        for (int i = 0; i < TLanes.Tiles; i++)
        {
            TileInversionTile<T>* tile = _tiles + i;
            if (tile->Status == 0 && !IsGoodByBound(tile))
            {
                double own = Norm(tile->Source, _n, 1, tile->Power, tile->Damping * tile->Power);
                double inverse = Norm(_s + i, TLanes.Tiles, _stride, 1, 0);
                tile->Status = own * inverse * Roundoff <= TileInverse.ConditionLimit ? 0 : TileInverse.Hopeless;
            }
        }
    }

    /// <summary>No element of a positive definite matrix exceeds the largest on its diagonal, so that most tiles need no norms.</summary>
    private bool IsGoodByBound(TileInversionTile<T>* tile) =>
        (double)_n * _n * tile->Largest * tile->Power * tile->Top * Roundoff <= TileInverse.ConditionLimit;

    /// <summary>Number of pivots before the first that is not positive and finite.</summary>
    private int GoodPivots(int tile)
    {
        int i = 0;
        while (i < _n && _pivots[(i * TLanes.Tiles) + tile] > T.Zero && T.IsFinite(_pivots[(i * TLanes.Tiles) + tile]))
        {
            i++;
        }

        return i;
    }

    private bool Finite(T* source)
    {
        for (int i = 0; i < _n; i++)
        {
            for (int j = i; j < _n; j++)
            {
                if (!T.IsFinite(source[((long)i * _n) + j]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Largest column sum of magnitudes of a symmetric matrix given by the elements with i at most j.</summary>
    private double Norm(T* matrix, nint iStride, nint jStride, double scale, double shift)
    {
        double[] sums = ArrayPool<double>.Shared.Rent(_n);
        Array.Clear(sums, 0, _n);
        for (int i = 0; i < _n; i++)
        {
            sums[i] += Math.Abs((double.CreateTruncating(matrix[(i * iStride) + (i * jStride)]) * scale) + shift);
            for (int j = i + 1; j < _n; j++)
            {
                double size = Math.Abs(double.CreateTruncating(matrix[(i * iStride) + (j * jStride)]) * scale);
                sums[i] += size;
                sums[j] += size;
            }
        }

        double norm = TensorPrimitives.Max(new ReadOnlySpan<double>(sums, 0, _n));
        ArrayPool<double>.Shared.Return(sums);
        return norm;
    }
}
