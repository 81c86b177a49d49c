using System.Buffers;
using System.Numerics.Tensors;

namespace Thor.Kernels.Host;

/// <content>Scales, and whether there is an inverse.</content>
internal readonly unsafe partial struct TileInversion<TLanes, TVector, T>
{
    /// <summary>Scales of the tiles.</summary>
    /// <returns>False if no tile can have an inverse.</returns>
    private bool Prepare()
    {
        bool any = false;
        for (int i = 0; i < TLanes.Tiles; i++)
        {
            TileInversionTile<T>* tile = _tiles + i;
            tile->Largest = Largest(tile->Source, tile->Damping);
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

    /// <summary>Largest magnitude on the damped diagonal; infinite where one is not finite.</summary>
    private double Largest(T* source, double damping)
    {
        T most = *source;
        T least = *source;
        T poison = T.Zero;
        for (int i = 0; i < _n; i++)
        {
            T value = source[((long)i * _n) + i];
            most = value > most ? value : most;
            least = value < least ? value : least;
            poison += value * T.Zero;
        }

        double largest = Math.Max(Math.Abs(double.CreateTruncating(most) + damping), Math.Abs(double.CreateTruncating(least) + damping));
        return poison == T.Zero && double.IsFinite(largest) ? largest : double.PositiveInfinity;
    }

    /// <summary>Adds the squares of a block row of X to the sums down its columns, which become the diagonal of X^T X.</summary>
    private void AddNorms(int first)
    {
        T* panel = _s + ((long)first * _stride);
        int end = (first + Block) * TLanes.Tiles;
        for (int column = 0; column < end; column += TLanes.Count)
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
    private bool Judge()
    {
        bool certain = true;
        for (int i = 0; i < TLanes.Tiles; i++)
        {
            TileInversionTile<T>* tile = _tiles + i;
            tile->Top = Top(i);
            tile->Floor = T.CreateTruncating(tile->Top * Roundoff * Roundoff * Roundoff);
            if (tile->Status == 0)
            {
                int good = GoodPivots(i);
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

    /// <summary>Largest element on the diagonal of the inverse; not a number if one is not.</summary>
    private double Top(int tile)
    {
        T top = T.Zero;
        T poison = T.Zero;
        for (int i = 0; i < _n; i++)
        {
            T value = _norms[(i * TLanes.Tiles) + tile];
            top = value > top ? value : top;
            poison += value * T.Zero;
        }

        return double.CreateTruncating(top + poison);
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
