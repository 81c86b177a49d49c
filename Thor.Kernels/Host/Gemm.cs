using System.Numerics;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Matrix products on the processor.</summary>
public static unsafe class Gemm
{
    // Multiply-adds worth handing to another thread, about 15 microseconds: a tile does them faster than a simple loop does
    // the elements that the pool's grain is counted in, and a product of several passes launches several times.
    private const long Grain = 32L * WorkerPool.Grain;

    /// <summary>c = alpha a b + beta c (+ bias), for every matrix of a batch.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="batches">Number of products.</param>
    /// <param name="m">Rows of a and c.</param>
    /// <param name="n">Columns of b and c.</param>
    /// <param name="k">Columns of a, rows of b; with 0 the product is zero.</param>
    /// <param name="a">(m, k), any strides.</param>
    /// <param name="b">(k, n), any strides.</param>
    /// <param name="c">(m, n), column stride 1; must not overlap a, b, bias or itself.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="beta">Factor of the old c; with 0 it is not read.</param>
    /// <param name="bias">n numbers added to every row, or null.</param>
    /// <remarks>Sums are of the element type. The result does not depend on the number of threads.</remarks>
    /// <exception cref="ArgumentException">T is neither float nor double, or the columns of c are not neighbours.</exception>
    public static void Multiply<T>(
        int batches, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (c.ColumnStride != 1)
        {
            throw new ArgumentException($"Gemm: the columns of c must be neighbours, their stride is {c.ColumnStride}", nameof(c));
        }

        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new ArgumentException($"Gemm: elements must be float or double, not {typeof(T).Name}", nameof(c));
        }

        if (batches <= 0 || m <= 0 || n <= 0)
        {
            return;
        }

        // A batch that shares b and goes on from matrix to matrix is one tall product.
        if (batches > 1 && b.BatchStride == 0 && a.BatchStride == m * a.RowStride && c.BatchStride == m * c.RowStride && (long)batches * m <= int.MaxValue)
        {
            m *= batches;
            batches = 1;
        }

        if (Vector512.IsHardwareAccelerated)
        {
            Multiply<T, Vector512<T>, Lanes512<T>>(batches, m, n, k, a, b, c, alpha, beta, bias);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Multiply<T, Vector256<T>, Lanes256<T>>(batches, m, n, k, a, b, c, alpha, beta, bias);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Multiply<T, Vector128<T>, Lanes128<T>>(batches, m, n, k, a, b, c, alpha, beta, bias);
        }
        else
        {
            Multiply<T, T, ScalarLanes<T>>(batches, m, n, k, a, b, c, alpha, beta, bias);
        }
    }

    private static void Multiply<T, TVector, TLanes>(
        int batches, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        double work = (double)m * n * Math.Max(1, k);
        int threads = WorkerPool.Shared.Threads;
        if (threads == 1 || work * batches < 2 * Grain)
        {
            new Batch<T, TVector, TLanes>(batches, 1, m, n, k, a, b, c, alpha, beta, bias).Invoke(0);
        }
        else if (batches >= 4 * threads || work < 2 * Grain)
        {
            int pieces = (int)Math.Clamp(work * batches / Grain, 1, batches);
            WorkerPool.For(pieces, new Batch<T, TVector, TLanes>(batches, pieces, m, n, k, a, b, c, alpha, beta, bias));
        }
        else
        {
            for (int i = 0; i < batches; i++)
            {
                new GemmBlocks<T, TVector, TLanes>(m, n, k, a.Batch(i), b.Batch(i), c.Batch(i), alpha, beta, bias).Parallel();
            }
        }
    }

    /// <summary>A share of the products of a batch, each on one thread.</summary>
    private readonly struct Batch<T, TVector, TLanes>(
        int batches, int pieces, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias) : IParallelBody
        where T : unmanaged, IFloatingPointIeee754<T>
        where TVector : unmanaged
        where TLanes : struct, ILanes<T, TVector>
    {
        private readonly T* _bias = bias;

        public void Invoke(int index)
        {
            int end = (int)((long)batches * (index + 1) / pieces);
            for (int i = (int)((long)batches * index / pieces); i < end; i++)
            {
                new GemmBlocks<T, TVector, TLanes>(m, n, k, a.Batch(i), b.Batch(i), c.Batch(i), alpha, beta, _bias).Serial();
            }
        }
    }
}
