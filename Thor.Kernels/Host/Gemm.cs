using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Matrix products on the processor.</summary>
public static unsafe class Gemm
{
    /// <summary>c = alpha a b + beta c (+ bias), for every matrix of a batch.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="batches">Number of products.</param>
    /// <param name="m">Rows of a and c.</param>
    /// <param name="n">Columns of b and c.</param>
    /// <param name="k">Columns of a, rows of b; with 0 the product is zero.</param>
    /// <param name="a">(m, k), any strides.</param>
    /// <param name="b">(k, n), any strides.</param>
    /// <param name="c">(m, n), column stride 1; must not overlap a, b or bias.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="beta">Factor of the old c; with 0 it is not read.</param>
    /// <param name="bias">n numbers added to every row, or null.</param>
    public static void Multiply<T>(
        int batches, int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias = null)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        WorkerPool.For(batches, new Body<T>(m, n, k, a, b, c, alpha, beta, bias));

    private readonly struct Body<T>(
        int m, int n, int k, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, T alpha, T beta, T* bias) : IParallelBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _bias = bias;

        public void Invoke(int index)
        {
            MatrixView<T> left = a.Batch(index);
            MatrixView<T> right = b.Batch(index);
            MatrixView<T> result = c.Batch(index);
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    T sum = T.Zero;
                    for (int p = 0; p < k; p++)
                    {
                        sum += left.Data[(i * left.RowStride) + (p * left.ColumnStride)] * right.Data[(p * right.RowStride) + (j * right.ColumnStride)];
                    }

                    T* target = result.Data + (i * result.RowStride) + j;
                    T old = beta == T.Zero ? T.Zero : beta * *target;
                    *target = (alpha * sum) + old + (_bias is null ? T.Zero : _bias[j]);
                }
            }
        }
    }
}
