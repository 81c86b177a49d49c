namespace Thor.Bench.Peers;

/// <summary>What tile primitives take from a library of BLAS and LAPACK. Row-major float32; calls of one thread each, made from many.</summary>
internal unsafe interface ILapack
{
    /// <summary>Upper triangle of the inverse of a, in place, by Cholesky factorisation (spotrf, spotri); a has row stride n.</summary>
    /// <returns>LAPACK's info: 0 if the matrix was positive definite.</returns>
    int InvertPositiveDefinite(float* a, int n);

    /// <summary>Upper triangle of c = scale x^T x for x (rows, n) with a row stride; c has row stride n.</summary>
    void Gram(float* x, int rows, int n, int rowStride, float scale, float* c);

    /// <summary>c = a b with row strides, where a is m x k and b is k x n.</summary>
    void Multiply(float* a, int strideA, float* b, int strideB, float* c, int strideC, int m, int n, int k);
}
