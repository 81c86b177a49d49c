using System.Runtime.InteropServices;

namespace Thor.Bench.Peers;

/// <summary>
/// OpenBLAS, found at run time; the peer that host products and tile primitives are measured against. Row-major float32.
/// </summary>
internal static unsafe partial class OpenBlas
{
    /// <summary>What the library is called on Linux; Debian: libopenblas0-pthread.</summary>
    public const string LibraryName = OpenBlasLibrary.Name;

    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;
    private const int Upper = 121;

    // A constructor rather than an initialiser, because that runs before the first call of any function: the kernels are chosen while the library is loaded.
    static OpenBlas()
    {
        IsAvailable = OpenBlasLibrary.Handle != 0;
    }

    /// <summary>True if the library can be loaded on this machine.</summary>
    public static bool IsAvailable { get; }

    /// <summary>Why the library cannot be called; null if it can.</summary>
    public static string? Missing => IsAvailable ? null : $"{LibraryName} was not found";

    /// <summary>The processor whose kernels the library runs, for example "SkylakeX".</summary>
    public static string Core => Marshal.PtrToStringUTF8(GetCoreName()) ?? string.Empty;

    /// <summary>Threads of the calls that follow.</summary>
    public static int Threads
    {
        get => GetThreads();
        set => SetThreads(value);
    }

    /// <summary>Throws if the library is not there.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public static void ThrowIfMissing()
    {
        if (Missing is string reason)
        {
            throw new InvalidOperationException($"{reason}; it is the baseline.");
        }
    }

    /// <summary>c = op(a) op(b), where a is m x k and b is k x n after the transpositions asked for.</summary>
    public static void Multiply(float* a, float* b, float* c, int m, int n, int k, bool transposeA = false, bool transposeB = false) =>
        Sgemm(RowMajor, transposeA ? Transpose : NoTranspose, transposeB ? Transpose : NoTranspose, m, n, k, 1, a, transposeA ? m : k, b, transposeB ? k : n, 0, c, n);

    /// <summary>c = a b with row strides, where a is m x k and b is k x n.</summary>
    public static void Multiply(float* a, int strideA, float* b, int strideB, float* c, int strideC, int m, int n, int k) =>
        Sgemm(RowMajor, NoTranspose, NoTranspose, m, n, k, 1, a, strideA, b, strideB, 0, c, strideC);

    /// <summary>Upper triangle of c = x^T x for x (rows, n) with a row stride; c has row stride n.</summary>
    public static void Gram(float* x, int rows, int n, int rowStride, float* c) =>
        Ssyrk(RowMajor, Upper, Transpose, n, rows, 1, x, rowStride, 0, c, n);

    /// <summary>Upper triangle of the inverse of a, in place, by Cholesky factorisation (spotrf, spotri); a has row stride n.</summary>
    /// <returns>LAPACK's info: 0 if the matrix was positive definite.</returns>
    public static int InvertPositiveDefinite(float* a, int n)
    {
        byte lower = (byte)'L'; // Column-major lower is row-major upper.
        int info = 0;
        Spotrf(&lower, &n, a, &n, &info);
        if (info == 0)
        {
            Spotri(&lower, &n, a, &n, &info);
        }

        return info;
    }

    [LibraryImport(LibraryName, EntryPoint = "openblas_get_corename")]
    private static partial nint GetCoreName();

    [LibraryImport(LibraryName, EntryPoint = "openblas_get_num_threads")]
    private static partial int GetThreads();

    [LibraryImport(LibraryName, EntryPoint = "openblas_set_num_threads")]
    private static partial void SetThreads(int count);

    [LibraryImport(LibraryName, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int strideA, float* b, int strideB, float beta, float* c, int strideC);

    [LibraryImport(LibraryName, EntryPoint = "cblas_ssyrk")]
    private static partial void Ssyrk(
        int order, int triangle, int transpose, int n, int k, float alpha, float* a, int strideA, float beta, float* c, int strideC);

    [LibraryImport(LibraryName, EntryPoint = "spotrf_")]
    private static partial void Spotrf(byte* triangle, int* n, float* a, int* stride, int* info);

    [LibraryImport(LibraryName, EntryPoint = "spotri_")]
    private static partial void Spotri(byte* triangle, int* n, float* a, int* stride, int* info);
}
