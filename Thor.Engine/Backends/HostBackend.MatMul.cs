using System.Numerics;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Matrix products.</content>
internal sealed unsafe partial class HostBackend
{
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
        while (inner > 0 && Continues(a, inner - 1, batches, ref aBatch) && Continues(b, inner - 1, batches, ref bBatch) && Continues(c, inner - 1, batches, ref cBatch))
        {
            inner--;
            batches *= c.Shape.Extents[inner];
        }

        MatrixView<T> left = new(Pointer<T>(a), a.Strides[^2], a.Strides[^1], aBatch);
        MatrixView<T> right = new(Pointer<T>(b), b.Strides[^2], b.Strides[^1], bBatch);
        MatrixView<T> result = new(Pointer<T>(c), n, 1, cBatch);
        long outer = c.Length / ((long)batches * m * n);
        for (long i = 0; i < outer; i++)
        {
            Gemm.Multiply(
                batches, m, n, k, left.Offset(Distance(a, inner, i)), right.Offset(Distance(b, inner, i)), result.Offset(Distance(c, inner, i)), alpha, beta, row);
        }
    }

    /// <summary>Whether an axis goes on where the batch of those behind it ends.</summary>
    private static bool Continues(Tensor x, int axis, int batches, ref long batchStride)
    {
        int extent = x.Shape.Extents[axis];
        long stride = extent == 1 ? 0 : x.Strides[axis];
        if (batches == 1)
        {
            batchStride = stride;
            return true;
        }

        return extent == 1 || stride == batches * batchStride;
    }

    /// <summary>Where the i-th matrix of the leading axes begins.</summary>
    private static long Distance(Tensor x, int axes, long index)
    {
        long offset = 0;
        for (int axis = axes - 1; axis >= 0; axis--)
        {
            int extent = x.Shape.Extents[axis];
            offset += index % extent * x.Strides[axis];
            index /= extent;
        }

        return offset;
    }
}
