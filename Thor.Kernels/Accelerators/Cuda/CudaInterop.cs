namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>What other CUDA libraries need to work on the same memory and in the same queue.</summary>
public static class CudaInterop
{
    /// <summary>Address on the device of a view's first element.</summary>
    /// <exception cref="ArgumentException">The view is not of a CUDA device.</exception>
    public static nint Address<T>(ArrayView<T> view)
        where T : unmanaged => view.Buffer is CudaBuffer buffer
            ? buffer.Address + (nint)view.OffsetInBytes
            : throw new ArgumentException($"The view is of {view.Buffer?.Accelerator?.Name ?? "no device"}; expected one of cuda.", nameof(view));

    /// <summary>The driver's handle of a queue (CUstream, cudaStream_t); its device becomes current on the calling thread.</summary>
    /// <exception cref="ArgumentException">The queue is not of a CUDA device.</exception>
    public static nint Enter(AcceleratorStream stream)
    {
        if (stream is not CudaStream own)
        {
            throw new ArgumentException($"The queue is of {stream?.Accelerator.Name ?? "no device"}; expected one of cuda.", nameof(stream));
        }

        own.Device.Enter();
        return own.Handle;
    }

    /// <summary>Loads NVIDIA's library of matrix products, cuBLAS, from the loader's path, a toolkit or a Python package.</summary>
    /// <param name="handle">The library.</param>
    /// <param name="library">Its name or path; what was looked for where there is none.</param>
    public static bool TryLoadBlas(out nint handle, out string library) => TryLoad(CudaPaths.Blas(CudaPaths.Machine), out handle, out library);

    /// <summary>Loads NVIDIA's library of factorisations, cuSOLVER, from the same places.</summary>
    /// <param name="handle">The library.</param>
    /// <param name="library">Its name or path; what was looked for where there is none.</param>
    public static bool TryLoadSolver(out nint handle, out string library)
    {
        // In a folder that the loader does not search, the solver does not find what it is built on, which other packages hold.
        // Whether one of these is missing shows when the solver is loaded.
        _ = TryLoadBlas(out _, out _);
        foreach (LibraryCandidates need in CudaPaths.SolverNeeds(CudaPaths.Machine))
        {
            _ = TryLoad(need, out _, out _);
        }

        return TryLoad(CudaPaths.Solver(CudaPaths.Machine), out handle, out library);
    }

    private static bool TryLoad(LibraryCandidates candidates, out nint handle, out string library)
    {
        LibrarySearch search = new(candidates);
        if (search.TryLoad(out handle, out library))
        {
            return true;
        }

        library = search.Tried;
        return false;
    }
}
