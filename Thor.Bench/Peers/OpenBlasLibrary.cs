using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Thor.Bench.Peers;

/// <summary>Finds and loads OpenBLAS at its best.</summary>
/// <remarks>
/// A release of OpenBLAS picks kernels from a list of processors and, on one that is newer than itself, may fall back to
/// those of the oldest, which are several times slower. Such a peer proves nothing, so the best kernels for the
/// instructions that are there are asked for by name, unless OPENBLAS_CORETYPE is set already.
/// </remarks>
internal static partial class OpenBlasLibrary
{
    /// <summary>What the library is called on Linux; Debian: libopenblas0-pthread.</summary>
    public const string Name = "libopenblas.so.0";

    private const string CoreVariable = "OPENBLAS_CORETYPE";

    /// <summary>The loaded library, 0 where there is none.</summary>
    public static nint Handle { get; } = Load();

    private static nint Load()
    {
        string? core = Avx512F.IsSupported ? "SkylakeX" : Avx2.IsSupported ? "Haswell" : null;
        if (core is not null && OperatingSystem.IsLinux())
        {
            // The runtime's own setter changes only its copy of the environment, which native code does not see.
            _ = SetEnvironment(CoreVariable, core, overwrite: 0);
        }

        return NativeLibrary.TryLoad(Name, out nint handle) ? handle : 0;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
