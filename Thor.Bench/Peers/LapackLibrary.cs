using System.Runtime.InteropServices;

namespace Thor.Bench.Peers;

/// <summary>Functions of BLAS and LAPACK in a library with the usual names and 32-bit integers: OpenBLAS, or MKL.</summary>
internal sealed unsafe class LapackLibrary : ILapack
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;
    private const int Upper = 121;

    private readonly delegate* unmanaged<byte*, int*, float*, int*, int*, void> _factor;
    private readonly delegate* unmanaged<byte*, int*, float*, int*, int*, void> _invert;
    private readonly delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void> _gram;
    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;

    /// <summary>The functions of a loaded library.</summary>
    /// <exception cref="EntryPointNotFoundException">It lacks one.</exception>
    public LapackLibrary(nint library)
    {
        _factor = (delegate* unmanaged<byte*, int*, float*, int*, int*, void>)NativeLibrary.GetExport(library, "spotrf_");
        _invert = (delegate* unmanaged<byte*, int*, float*, int*, int*, void>)NativeLibrary.GetExport(library, "spotri_");
        _gram = (delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_ssyrk");
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
    }

    public int InvertPositiveDefinite(float* a, int n)
    {
        byte lower = (byte)'L'; // Column-major lower is row-major upper.
        int info = 0;
        _factor(&lower, &n, a, &n, &info);
        if (info == 0)
        {
            _invert(&lower, &n, a, &n, &info);
        }

        return info;
    }

    public void Gram(float* x, int rows, int n, int rowStride, float scale, float* c) =>
        _gram(RowMajor, Upper, Transpose, n, rows, scale, x, rowStride, 0, c, n);

    public void Multiply(float* a, int strideA, float* b, int strideB, float* c, int strideC, int m, int n, int k) =>
        _multiply(RowMajor, NoTranspose, NoTranspose, m, n, k, 1, a, strideA, b, strideB, 0, c, strideC);
}
