using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Thor.Bench.Reports;

/// <summary>Writes the C# that the translator made of kernels: what launches them, and the form that the processor runs.</summary>
internal static class LauncherTexts
{
    private const string Generator = "Thor.Kernels.Translator";

    // The kind under which portable debug information holds the text of a source file.
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>Writes the generated C# of an assembly, which the compiler keeps in the debug information inside it.</summary>
    /// <param name="assembly">File of the assembly.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The number of files; 0 where the assembly is not a file of its own or has no debug information.</returns>
    public static int Write(string assembly, string folder)
    {
        if (!File.Exists(assembly))
        {
            return 0;
        }

        using FileStream stream = File.OpenRead(assembly);
        using PEReader portable = new(stream);
        int files = 0;
        foreach (DebugDirectoryEntry entry in portable.ReadDebugDirectory().Where(static entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb))
        {
            using MetadataReaderProvider provider = portable.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
            files += WriteGenerated(provider.GetMetadataReader(), folder);
        }

        return files;
    }

    private static int WriteGenerated(MetadataReader reader, string folder)
    {
        int files = 0;
        foreach (DocumentHandle handle in reader.Documents)
        {
            // The path of a generated file names the generator.
            string path = reader.GetString(reader.GetDocument(handle).Name).Replace('\\', '/');
            if (path.Contains($"/{Generator}/", StringComparison.Ordinal) && TextOf(reader, handle) is byte[] text)
            {
                File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), text);
                files++;
            }
        }

        return files;
    }

    private static byte[]? TextOf(MetadataReader reader, DocumentHandle document)
    {
        foreach (CustomDebugInformationHandle handle in reader.GetCustomDebugInformation(document))
        {
            CustomDebugInformation information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) == s_embeddedSource)
            {
                // Four bytes tell the length of what is compressed, or are 0 where nothing is.
                ImmutableArray<byte> content = reader.GetBlobContent(information.Value);
                byte[] bytes = [.. content.AsSpan()[sizeof(int)..]];
                return BitConverter.ToInt32(content.AsSpan()) == 0 ? bytes : Inflate(bytes);
            }
        }

        return null;
    }

    private static byte[] Inflate(byte[] bytes)
    {
        using MemoryStream input = new(bytes);
        using DeflateStream inflating = new(input, CompressionMode.Decompress);
        using MemoryStream output = new();
        inflating.CopyTo(output);
        return output.ToArray();
    }
}
