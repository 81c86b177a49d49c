using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Gradient blocks between the inverses of their tiles.</summary>
public static unsafe class TilePrecondition
{
    /// <summary>Block (i, j) of result = tile i of <paramref name="left"/> * block (i, j) of gradient * tile j of <paramref name="right"/>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <returns>The sum of result * gradient.</returns>
    public static double Apply<T>(T* left, T* right, T* gradient, T* result, int rows, int columns, int tileSize)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = 0;
        for (int i = 0; i < TileLayout.Count(rows, tileSize); i++)
        {
            int m = TileLayout.Dimension(rows, tileSize, i);
            T* leftTile = left + TileLayout.Offset(tileSize, i);
            for (int j = 0; j < TileLayout.Count(columns, tileSize); j++)
            {
                int n = TileLayout.Dimension(columns, tileSize, j);
                T* rightTile = right + TileLayout.Offset(tileSize, j);
                long corner = ((long)i * tileSize * columns) + ((long)j * tileSize);
                T[] half = new T[n * m];
                fixed (T* transposed = half)
                {
                    // Both inverses are symmetric, so their rows serve as columns and no operand is transposed.
                    Multiply(gradient + corner, columns, leftTile, m, transposed, m, n, m, m);
                    for (int row = 0; row < m; row++)
                    {
                        new Span<T>(result + corner + ((long)row * columns), n).Clear();
                    }

                    Multiply(transposed, m, rightTile, n, result + corner, columns, m, n, n);
                }
            }
        }

        for (long element = 0; element < (long)rows * columns; element++)
        {
            sum += double.CreateTruncating(result[element]) * double.CreateTruncating(gradient[element]);
        }

        return sum;
    }

    private static void Multiply<T>(T* p, long pStride, T* q, long qStride, T* c, long cStride, int m, int n, int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int step = 0; step < k; step++)
        {
            for (int i = 0; i < m; i++)
            {
                T factor = p[(step * pStride) + i];
                for (int j = 0; j < n; j++)
                {
                    c[(i * cStride) + j] += factor * q[(step * qStride) + j];
                }
            }
        }
    }
}
