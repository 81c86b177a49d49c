using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Diagonal tiles of X^T X.</summary>
public static unsafe class TileCovariance
{
    /// <summary>tiles = decay * tiles + scale * (diagonal tiles of X^T X); with decay 0 the tiles are not read.</summary>
    /// <typeparam name="T">float or double; sums accumulate in it.</typeparam>
    /// <param name="x">First element of X.</param>
    /// <param name="rowStride">Elements from one row to the next.</param>
    /// <param name="rows">Rows of X.</param>
    /// <param name="dimension">Columns of X.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    public static void Accumulate<T>(
        T* x, long rowStride, int rows, int dimension, int tileSize, double scale, double decay, T* tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T alpha = T.CreateTruncating(scale);
        T beta = T.CreateTruncating(decay);
        for (int tile = 0; tile < TileLayout.Count(dimension, tileSize); tile++)
        {
            int n = TileLayout.Dimension(dimension, tileSize, tile);
            T* destination = tiles + TileLayout.Offset(tileSize, tile);
            T* columns = x + ((long)tile * tileSize);
            T[] sums = new T[n * n];
            for (int row = 0; row < rows; row++)
            {
                T* values = columns + (row * rowStride);
                for (int i = 0; i < n; i++)
                {
                    T left = values[i];
                    for (int j = i; j < n; j++)
                    {
                        sums[(i * n) + j] += left * values[j];
                    }
                }
            }

            for (int i = 0; i < n; i++)
            {
                for (int j = i; j < n; j++)
                {
                    T value = alpha * sums[(i * n) + j];
                    if (decay != 0)
                    {
                        value += beta * destination[(i * n) + j];
                    }

                    destination[(i * n) + j] = value;
                    destination[(j * n) + i] = value;
                }
            }
        }
    }
}
