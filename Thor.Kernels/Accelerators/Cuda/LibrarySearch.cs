using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Loads the first library of a list that is there, and says afterwards what was looked for.</summary>
internal sealed class LibrarySearch
{
    private readonly LibraryCandidates _candidates;

    /// <summary>A search that has not begun.</summary>
    public LibrarySearch(LibraryCandidates candidates)
    {
        _candidates = candidates;
    }

    /// <summary>"libcuda.so.1 on the loader's path and in /a, /b": what was looked for.</summary>
    public string Tried =>
        $"{string.Join(", ", _candidates.Names)} {(_candidates.Folders.Count == 0 ? "was looked for on the loader's path" : "was looked for on the loader's path and in " + string.Join(", ", _candidates.Folders))}";

    /// <summary>Loads a library.</summary>
    /// <param name="handle">The library.</param>
    /// <param name="library">Its name or path.</param>
    public bool TryLoad(out nint handle, out string library)
    {
        // The better name wins wherever it is: an old library on the loader's path does not hide a new one in a folder.
        foreach (string name in _candidates.Names)
        {
            if (NativeLibrary.TryLoad(name, out handle))
            {
                library = name;
                return true;
            }

            foreach (string folder in _candidates.Folders)
            {
                library = Path.Combine(folder, name);
                if (File.Exists(library) && TryLoadWithCompanions(folder, library, out handle))
                {
                    return true;
                }
            }
        }

        handle = 0;
        library = string.Empty;
        return false;
    }

    // Libraries of NVIDIA's open others by name alone. In a folder that the loader does not search, those must be there first.
    private bool TryLoadWithCompanions(string folder, string library, out nint handle)
    {
        foreach (string pattern in _candidates.Companions)
        {
            foreach (string companion in Directory.GetFiles(folder, pattern))
            {
                NativeLibrary.TryLoad(companion, out _);
            }
        }

        return NativeLibrary.TryLoad(library, out handle);
    }
}
