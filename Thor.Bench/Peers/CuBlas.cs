using System.Runtime.InteropServices;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Dialect;

namespace Thor.Bench.Peers;

/// <summary>cuBLAS, found at run time; the peer of matrix products on CUDA devices. Row-major float32.</summary>
internal sealed unsafe class CuBlas : IDisposable
{
    private const int NoTranspose = 0;
    private const int Transpose = 1;
    private const int Left = 0;
    private const int Lower = 0;
    private const int NonUnit = 0;
    private const int TypeFloat32 = 0; // CUDA_R_32F
    private const int DefaultAlgorithm = -1;

    // cublasComputeType_t: floats; inputs rounded to TF32; inputs rounded to bfloat16.
    private const int ComputeFloat32 = 68;
    private const int ComputeTensorFloat32 = 77;
    private const int ComputeBFloat16 = 75;

    private static readonly Lazy<(nint Library, string Text)> s_library = new(static () =>
        CudaInterop.TryLoadBlas(out nint handle, out string library) ? (handle, library) : (0, library));

    private readonly nint _handle;
    private readonly delegate* unmanaged<nint, int> _destroy;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, int, float*, nint, int, nint, int, int, int> _solve;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, int, long, nint, int, int, long, float*, nint, int, int, long, int, int, int, int> _multiply;

    /// <summary>A handle whose calls are queued on a stream.</summary>
    /// <exception cref="InvalidOperationException">The library is not there, or refuses the device.</exception>
    public CuBlas(AcceleratorStream stream)
    {
        if (Missing is string reason)
        {
            throw new InvalidOperationException($"{reason}; it is the baseline.");
        }

        nint library = s_library.Value.Library;
        nint queue = CudaInterop.Enter(stream);
        nint handle = 0;
        Require(((delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cublasCreate_v2"))(&handle), "cublasCreate_v2");
        _handle = handle;
        _destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cublasDestroy_v2");
        _multiply = (delegate* unmanaged<nint, int, int, int, int, int, float*, nint, int, int, long, nint, int, int, long, float*, nint, int, int, long, int, int, int, int>)
            NativeLibrary.GetExport(library, "cublasGemmStridedBatchedEx");
        _solve = (delegate* unmanaged<nint, int, int, int, int, int, int, float*, nint, int, nint, int, int, int>)NativeLibrary.GetExport(library, "cublasStrsmBatched");
        Require(((delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cublasSetStream_v2"))(handle, queue), "cublasSetStream_v2");
    }

    /// <summary>Why the library cannot be called; null if it can.</summary>
    public static string? Missing => s_library.Value.Library != 0 ? null : s_library.Value.Text;

    /// <summary>c = op(a) op(b) for each of so many batches, all contiguous: a is m x k and b is k x n after the transpositions asked for.</summary>
    public void Multiply(
        ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, int m, int n, int k, bool transposeA, bool transposeB, int batches, MatMulPrecision precision)
    {
        float one = 1;
        float zero = 0;
        int compute = precision switch
        {
            MatMulPrecision.TensorFloat32 => ComputeTensorFloat32,
            MatMulPrecision.BFloat16 => ComputeBFloat16,
            _ => ComputeFloat32,
        };

        // The library is column-major: a row-major product is that of the transposed matrices, in exchanged order.
        int result = _multiply(
            _handle,
            transposeB ? Transpose : NoTranspose,
            transposeA ? Transpose : NoTranspose,
            n,
            m,
            k,
            &one,
            CudaInterop.Address(b),
            TypeFloat32,
            transposeB ? k : n,
            (long)k * n,
            CudaInterop.Address(a),
            TypeFloat32,
            transposeA ? m : k,
            (long)m * k,
            &zero,
            CudaInterop.Address(c),
            TypeFloat32,
            n,
            (long)m * n,
            batches,
            compute,
            DefaultAlgorithm);
        Require(result, "cublasGemmStridedBatchedEx");
    }

    /// <summary>b = op(a)^-1 b for column-major lower triangular a and square b, all n x n.</summary>
    /// <param name="factors">Address of so many addresses of a.</param>
    /// <param name="sides">Address of as many addresses of b.</param>
    /// <param name="n">Rows and columns.</param>
    /// <param name="transpose">Whether op transposes.</param>
    /// <param name="batch">Number of matrices.</param>
    public void SolveTriangular(nint factors, nint sides, int n, bool transpose, int batch)
    {
        float one = 1;
        Require(
            _solve(_handle, Left, Lower, transpose ? Transpose : NoTranspose, NonUnit, n, n, &one, factors, n, sides, n, batch), "cublasStrsmBatched");
    }

    public void Dispose() => _destroy(_handle);

    private static void Require(int status, string call)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{call} answers status {status}.");
        }
    }
}
