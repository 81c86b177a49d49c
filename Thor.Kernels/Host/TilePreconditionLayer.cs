using System.Numerics;
using System.Numerics.Tensors;

namespace Thor.Kernels.Host;

/// <summary>Operands of one layer's preconditioning, see <see cref="TilePrecondition"/>.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="left">Packed symmetric tiles over the rows.</param>
/// <param name="right">Packed symmetric tiles over the columns.</param>
/// <param name="gradient">(rows, columns), contiguous.</param>
/// <param name="result">(rows, columns), contiguous, apart from the gradient.</param>
/// <param name="rows">Rows of the gradient.</param>
/// <param name="columns">Columns of the gradient.</param>
/// <param name="tileSize">Tile dimension of both sides.</param>
public readonly unsafe struct TilePreconditionLayer<T>(T* left, T* right, T* gradient, T* result, int rows, int columns, int tileSize)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Blocks that the gradient is cut into.</summary>
    public int Blocks => TileLayout.Count(rows, tileSize) * TileLayout.Count(columns, tileSize);

    /// <summary>Preconditions one block.</summary>
    /// <returns>The sum of result * gradient over the block if asked for, else 0.</returns>
    internal double Apply(int block, bool innerProduct)
    {
        int across = TileLayout.Count(columns, tileSize);
        int i = block / across;
        int j = block % across;
        int m = TileLayout.Dimension(rows, tileSize, i);
        int n = TileLayout.Dimension(columns, tileSize, j);
        long corner = ((long)i * tileSize * columns) + ((long)j * tileSize);
        int stride = TileScratch.Stride(m);
        T* half = TileScratch.Get<T>((long)n * stride);

        // Both tiles are symmetric, so their rows serve as columns: with the transposed half product no operand is transposed.
        TileMultiply.Run(gradient + corner, columns, left + TileLayout.Offset(tileSize, i), m, half, stride, n, m, m, T.One);
        TileMultiply.Run(half, stride, right + TileLayout.Offset(tileSize, j), n, result + corner, columns, m, n, n, T.One);
        return innerProduct ? Dot(corner, m, n) : 0;
    }

    private double Dot(long corner, int m, int n)
    {
        double sum = 0;
        for (int row = 0; row < m; row++)
        {
            long start = corner + ((long)row * columns);
            sum += double.CreateTruncating(
                TensorPrimitives.Dot(new ReadOnlySpan<T>(result + start, n), new ReadOnlySpan<T>(gradient + start, n)));
        }

        return sum;
    }
}
