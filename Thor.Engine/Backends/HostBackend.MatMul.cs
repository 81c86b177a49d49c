using System.Numerics;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Matrix products.</content>
internal sealed unsafe partial class HostBackend
{
    private const int ProductsPerThread = 4;

    public override void MatMul(Tensor a, Tensor b, Tensor c, double alpha = 1, double beta = 0, Tensor? bias = null)
    {
        if (c.Length == 0)
        {
            return;
        }

        if (c.DType == DType.Float32)
        {
            MatMul(a, b, c, (float)alpha, (float)beta, bias);
        }
        else
        {
            MatMul(a, b, c, alpha, beta, bias);
        }
    }

    private static void MatMul<T>(Tensor a, Tensor b, Tensor c, T alpha, T beta, Tensor? bias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rank = c.Rank;
        int m = c.Shape[-2];
        int n = c.Shape[-1];
        int k = a.Shape[-1];
        T* row = bias is null ? null : Pointer<T>(bias);

        // The innermost batch axes that step evenly in all three become one; those before them are walked here.
        int inner = rank - 2;
        int batches = 1;
        long aBatch = 0;
        long bBatch = 0;
        long cBatch = 0;
        while (inner > 0
            && BatchAxes.Continues(a, inner - 1, batches, ref aBatch)
            && BatchAxes.Continues(b, inner - 1, batches, ref bBatch)
            && BatchAxes.Continues(c, inner - 1, batches, ref cBatch))
        {
            inner--;
            batches *= c.Shape.Extents[inner];
        }

        MatrixView<T> left = new(Pointer<T>(a), a.Strides[^2], a.Strides[^1], aBatch);
        MatrixView<T> right = new(Pointer<T>(b), b.Strides[^2], b.Strides[^1], bBatch);
        MatrixView<T> result = new(Pointer<T>(c), n, 1, cBatch);
        int outer = checked((int)(c.Length / ((long)batches * m * n)));
        Products<T> products = new(a, b, c, inner, batches, (m, n, k), left, right, result, alpha, beta, row);
        if (outer >= ProductsPerThread * WorkerPool.Shared.Threads)
        {
            // Many small products: each thread takes whole ones, as a product inside a parallel loop runs on its own thread.
            WorkerPool.For(outer, products);
            return;
        }

        for (int i = 0; i < outer; i++)
        {
            products.Invoke(i);
        }
    }

    /// <summary>The batches of products that leading axes, which do not step evenly, lead to.</summary>
    private readonly struct Products<T>(
        Tensor a, Tensor b, Tensor c, int axes, int batches, (int M, int N, int K) size, MatrixView<T> left, MatrixView<T> right, MatrixView<T> result, T alpha, T beta, T* bias)
        : IParallelBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T* _bias = bias;

        public void Invoke(int index) => Gemm.Multiply(
            batches,
            size.M,
            size.N,
            size.K,
            left.Offset(BatchAxes.Distance(a, axes, index)),
            right.Offset(BatchAxes.Distance(b, axes, index)),
            result.Offset(BatchAxes.Distance(c, axes, index)),
            alpha,
            beta,
            _bias);
    }
}
