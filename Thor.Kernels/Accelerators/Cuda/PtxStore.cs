using System.Globalization;
using System.Reflection;
using System.Text;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// PTX that was made when the program was built: resources of the assemblies that are loaded, and files of the folders that THOR_PTX
/// names. Found by <see cref="KernelSource.PtxName"/>, so what was made of another text is never taken.
/// </summary>
internal sealed class PtxStore
{
    /// <summary>What stands before the file name in the name of a resource.</summary>
    public const string ResourcePrefix = "ptx/";

    private const string FoldersVariable = "THOR_PTX";

    private readonly string[] _folders;
    private readonly Func<string, Stream?> _resources;

    /// <summary>A store.</summary>
    /// <param name="folders">Folders, looked in first.</param>
    /// <param name="resources">Opens a resource by name; null where there is none.</param>
    public PtxStore(string[] folders, Func<string, Stream?> resources)
    {
        _folders = folders;
        _resources = resources;
    }

    /// <summary>What this process can see.</summary>
    public static PtxStore OfProcess() => new(
        (Environment.GetEnvironmentVariable(FoldersVariable) ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        OpenResource);

    /// <summary>The PTX of a name, with a closing zero.</summary>
    /// <param name="name">File name.</param>
    /// <param name="where">Where it was found; else what was looked for.</param>
    public byte[]? Find(string name, out string where)
    {
        foreach (string folder in _folders)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                where = path;
                return [.. File.ReadAllBytes(path), 0];
            }
        }

        using Stream? resource = _resources(ResourcePrefix + name);
        if (resource is not null)
        {
            byte[] bytes = new byte[resource.Length + 1];
            resource.ReadExactly(bytes.AsSpan(0, bytes.Length - 1));
            where = "embedded";
            return bytes;
        }

        where = $"no resource {ResourcePrefix}{name} in the loaded assemblies, " + (_folders.Length == 0
            ? $"and {FoldersVariable} names no folder"
            : $"and no such file in {string.Join(", ", _folders)} ({FoldersVariable})");
        return null;
    }

    /// <summary>Whether code made for a target runs on a device: PTX of an older device does, of "sm_90a" on that device alone.</summary>
    /// <param name="ptx">The text.</param>
    /// <param name="capability">Compute capability of the device times 10.</param>
    /// <param name="target">"sm_90".</param>
    public static bool RunsOn(ReadOnlySpan<byte> ptx, int capability, out string target)
    {
        ReadOnlySpan<byte> directive = ".target sm_"u8;
        int start = ptx.IndexOf(directive);
        if (start < 0)
        {
            target = "no target";
            return false;
        }

        ReadOnlySpan<byte> rest = ptx[(start + directive.Length)..];
        int digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        int length = rest.IndexOfAny("\n\r, \0"u8);
        if (digits <= 0 || length < digits)
        {
            target = "an unreadable target";
            return false;
        }

        target = "sm_" + Encoding.ASCII.GetString(rest[..length]);
        int required = int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        bool exact = (char)rest[digits] is 'a' or 'f';
        return exact ? capability == required : capability >= required;
    }

    private static Stream? OpenResource(string name)
    {
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!assembly.IsDynamic && assembly.GetManifestResourceStream(name) is Stream stream)
            {
                return stream;
            }
        }

        return null;
    }
}
