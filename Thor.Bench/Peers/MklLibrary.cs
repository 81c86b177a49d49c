using System.Runtime.InteropServices;

namespace Thor.Bench.Peers;

/// <summary>MKL, found at run time, computing on the calling thread.</summary>
internal static unsafe class MklLibrary
{
    /// <summary>What the library is called on Linux; Debian: intel-mkl.</summary>
    public const string Name = "libmkl_rt.so";

    private const int Sequential = 1;

    /// <summary>The loaded library, 0 where there is none.</summary>
    public static nint Handle { get; } = Load();

    private static nint Load()
    {
        foreach (string name in (ReadOnlySpan<string>)["libmkl_rt.so.2", "libmkl_rt.so.3", Name])
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                // Before the first call of anything else, which settles how the library is threaded.
                _ = ((delegate* unmanaged<int, int>)NativeLibrary.GetExport(handle, "MKL_Set_Threading_Layer"))(Sequential);
                return handle;
            }
        }

        return 0;
    }
}
