using System.Runtime.InteropServices;

namespace Thor.Bench.Peers;

/// <summary>What OpenBLAS, where installed, has to set against the tile primitives.</summary>
internal sealed unsafe class OpenBlasTiles
{
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;
    private const int Upper = 121;

    private readonly delegate* unmanaged<byte*, int*, float*, int*, int*, void> _potrf;
    private readonly delegate* unmanaged<byte*, int*, float*, int*, int*, void> _potri;
    private readonly delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void> _syrk;
    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _gemm;
    private readonly delegate* unmanaged<int, void> _setThreads;

    private OpenBlasTiles(nint library)
    {
        _potrf = (delegate* unmanaged<byte*, int*, float*, int*, int*, void>)NativeLibrary.GetExport(library, "spotrf_");
        _potri = (delegate* unmanaged<byte*, int*, float*, int*, int*, void>)NativeLibrary.GetExport(library, "spotri_");
        _syrk = (delegate* unmanaged<int, int, int, int, int, float, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_ssyrk");
        _gemm = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        _setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads");
    }

    /// <summary>The library, or null where it is not installed.</summary>
    public static OpenBlasTiles? TryLoad() =>
        OpenBlasLibrary.Handle == 0 ? null : new OpenBlasTiles(OpenBlasLibrary.Handle);

    /// <summary>Threads of every following call.</summary>
    public void SetThreads(int count) => _setThreads(count);

    /// <summary>Replaces one triangle of a positive definite matrix by that of its inverse: spotrf and spotri, no damping, no mirror.</summary>
    /// <returns>LAPACK's info word.</returns>
    public int Invert(float* tile, int n)
    {
        byte triangle = (byte)'L';
        int info = 0;
        _potrf(&triangle, &n, tile, &n, &info);
        if (info == 0)
        {
            _potri(&triangle, &n, tile, &n, &info);
        }

        return info;
    }

    /// <summary>Upper triangle of c = X^T X for row-major X (rows, n).</summary>
    public void Covariance(float* x, int stride, int rows, int n, float* c) =>
        _syrk(RowMajor, Upper, Transpose, n, rows, 1, x, stride, 0, c, n);

    /// <summary>c = a b, row-major.</summary>
    public void Multiply(int m, int n, int k, float* a, int aStride, float* b, int bStride, float* c, int cStride) =>
        _gemm(RowMajor, NoTranspose, NoTranspose, m, n, k, 1, a, aStride, b, bStride, 0, c, cStride);
}
