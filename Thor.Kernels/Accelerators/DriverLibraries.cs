using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators;

/// <summary>
/// Libraries of drivers, which are looked for at run time and may be absent. An assembly has one resolver for its imports, so every
/// kind of accelerator registers here what it found, by the name that its imports give.
/// </summary>
internal static class DriverLibraries
{
    private static readonly ConcurrentDictionary<string, nint> s_handles = new();

    static DriverLibraries()
    {
        NativeLibrary.SetDllImportResolver(typeof(DriverLibraries).Assembly, static (name, _, _) => s_handles.GetValueOrDefault(name));
    }

    /// <summary>Loads the first file that is there and makes it what imports of a name resolve to. Files are names on the library path, or paths.</summary>
    /// <returns>The file that was loaded; null if none is there.</returns>
    public static string? Load(string name, params ReadOnlySpan<string> files)
    {
        foreach (string file in files)
        {
            if (NativeLibrary.TryLoad(file, out nint handle))
            {
                s_handles[name] = handle;
                return file;
            }
        }

        return null;
    }

    /// <summary>True if a library that was loaded has a function: later versions of an interface add some.</summary>
    public static bool Has(string name, string function) => s_handles.TryGetValue(name, out nint handle) && NativeLibrary.TryGetExport(handle, function, out _);
}
