using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>Operands of one layer's preconditioning, see <see cref="TilePrecondition"/>.</summary>
/// <remarks>
/// A block of a wide gradient lies scattered over as many pages as it has rows, and register blocks that walk down its
/// columns would wait for each of them. So it is copied first, row by row, with rows fetched ahead, and the inner
/// product reads that copy. With an update the product goes to scratch too, and from there row by row into velocity and parameter.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="left">Packed tiles over the rows, symmetric or given transposed.</param>
/// <param name="right">Packed tiles over the columns.</param>
/// <param name="gradient">(rows, columns), contiguous.</param>
/// <param name="result">(rows, columns), contiguous, apart from the gradient; with an update the parameter, which changes.</param>
/// <param name="rows">Rows of the gradient.</param>
/// <param name="columns">Columns of the gradient.</param>
/// <param name="tileSize">Tile dimension of both sides.</param>
/// <param name="scale">Factor of the product.</param>
/// <param name="update">An update by momentum whose gradient is the product, which then is not written; with a gradient scale of NaN nothing changes. Null for none.</param>
/// <param name="velocity">The velocity that goes with it, as the parameter and apart from it.</param>
public readonly unsafe struct TilePreconditionLayer<T>(
    T* left, T* right, T* gradient, T* result, int rows, int columns, int tileSize, T scale, UpdateStep? update = null, T* velocity = null)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Blocks that the gradient is cut into.</summary>
    public int Blocks => TileLayout.Count(rows, tileSize) * TileLayout.Count(columns, tileSize);

    /// <summary>Preconditions one block.</summary>
    /// <param name="block">Index, column of blocks by column of blocks: neighbours share the tile of the longer side.</param>
    /// <param name="innerProduct">Whether to compute it.</param>
    /// <returns>The sum of result * gradient over the block if asked for, else 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal double Apply(int block, bool innerProduct)
    {
        int down = TileLayout.Count(rows, tileSize);
        int across = TileLayout.Count(columns, tileSize);
        (int i, int j) = down <= across ? (block % down, block / down) : (block / across, block % across);
        int m = TileLayout.Dimension(rows, tileSize, i);
        int n = TileLayout.Dimension(columns, tileSize, j);
        long corner = ((long)i * tileSize * columns) + ((long)j * tileSize);
        int halfStride = TileScratch.Stride(m);
        int stride = TileScratch.Stride(n);
        bool updates = update is not null;
        long square = (long)m * stride;
        T* half = TileScratch.Get<T>(((long)n * halfStride) + (updates ? 2 * square : square));
        T* copy = half + ((long)n * halfStride);
        T* product = updates ? copy + square : result + corner;
        int pitch = updates ? stride : columns;
        Copy(gradient + corner, copy, stride, m, n);

        // The rows of the left tile serve as columns: with the transposed half product no operand is transposed.
        TileMultiply.Run(copy, stride, left + TileLayout.Offset(tileSize, i), m, half, halfStride, n, m, m);
        TileMultiply.Run(half, halfStride, right + TileLayout.Offset(tileSize, j), n, product, pitch, m, n, n);
        for (int row = 0; row < m && scale != T.One; row++)
        {
            Span<T> place = new(product + ((long)row * pitch), n);
            TensorPrimitives.Multiply(place, scale, place);
        }

        double sum = innerProduct ? Dot(product, pitch, copy, stride, m, n) : 0;
        if (update is UpdateStep { GradientScale: not double.NaN } step)
        {
            Updates.Momentum(step, result + corner, velocity + corner, columns, product, stride, m, n);
        }

        return sum;
    }

    // Optimised from the first call on, as what it is between is: the runtime would take seconds to see that it is called often.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(T* source, T* copy, int stride, int m, int n)
    {
        for (int row = 0; row < m; row++)
        {
            T* from = source + ((long)row * columns);
            if (row + CacheLines.RowsAhead < m)
            {
                CacheLines.Fetch(from + ((long)CacheLines.RowsAhead * columns), n);
            }

            new ReadOnlySpan<T>(from, n).CopyTo(new Span<T>(copy + ((long)row * stride), n));
        }
    }

    private static double Dot(T* product, int pitch, T* copy, int stride, int m, int n)
    {
        double sum = 0;
        for (int row = 0; row < m; row++)
        {
            sum += double.CreateTruncating(TensorPrimitives.Dot(
                new ReadOnlySpan<T>(product + ((long)row * pitch), n), new ReadOnlySpan<T>(copy + ((long)row * stride), n)));
        }

        return sum;
    }
}
