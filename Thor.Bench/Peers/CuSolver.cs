using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;

namespace Thor.Bench.Peers;

/// <summary>cuSOLVER, found at run time; with cuBLAS the peer of inverses on CUDA devices. Float32; arrays of pointers lie on the device.</summary>
internal sealed unsafe class CuSolver : IDisposable
{
    private const int Lower = 0;

    private static readonly Lazy<(nint Library, string Text)> s_library = new(static () =>
        CudaInterop.TryLoadSolver(out nint handle, out string library) ? (handle, library) : (0, library));

    private readonly nint _handle;
    private readonly delegate* unmanaged<nint, int> _destroy;
    private readonly delegate* unmanaged<nint, int, int, nint, int, nint, int, int> _factor;

    /// <summary>A handle whose calls are queued on a stream.</summary>
    /// <exception cref="InvalidOperationException">The library is not there, or refuses the device.</exception>
    public CuSolver(AcceleratorStream stream)
    {
        if (Missing is string reason)
        {
            throw new InvalidOperationException($"{reason}; it is the baseline.");
        }

        nint library = s_library.Value.Library;
        nint queue = CudaInterop.Enter(stream);
        nint handle = 0;
        Require(((delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cusolverDnCreate"))(&handle), "cusolverDnCreate");
        _handle = handle;
        _destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cusolverDnDestroy");
        _factor = (delegate* unmanaged<nint, int, int, nint, int, nint, int, int>)NativeLibrary.GetExport(library, "cusolverDnSpotrfBatched");
        Require(((delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cusolverDnSetStream"))(handle, queue), "cusolverDnSetStream");
    }

    /// <summary>Why it cannot be called, or cuBLAS cannot; null if both can.</summary>
    public static string? Missing => s_library.Value.Library != 0 ? CuBlas.Missing : s_library.Value.Text;

    /// <summary>Column-major lower Cholesky factors, in place.</summary>
    /// <param name="matrices">Address of so many addresses of n x n matrices.</param>
    /// <param name="n">Rows and columns.</param>
    /// <param name="info">Address of as many words: 0 where a matrix was positive definite.</param>
    /// <param name="batch">Number of matrices.</param>
    public void Factor(nint matrices, int n, nint info, int batch) =>
        Require(_factor(_handle, Lower, n, matrices, n, info, batch), "cusolverDnSpotrfBatched");

    public void Dispose() => _destroy(_handle);

    private static void Require(int status, string call)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{call} answers status {status}.");
        }
    }
}
