using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Thor.Engine.Formats;

/// <summary>Reads and writes safetensors: named tensors and string metadata in one file.</summary>
/// <remarks>
/// A file is the length of the header (8 bytes, little-endian), a JSON header padded with spaces, and the elements. F32, F64 and I32
/// are stored as they are. When reading, F16 and BF16 become Float32; BOOL, U8, I8, U16 and I16 become Int32; U32, I64 and U64
/// become Int32 where every value fits.
/// </remarks>
public static class Safetensors
{
    /// <summary>Writes a file; it appears complete or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="tensors">Tensors with distinct names, on any device. The header keeps their order.</param>
    /// <param name="metadata">Text with distinct names; it may be anything, JSON for instance.</param>
    /// <exception cref="ArgumentException">Two tensors share a name, or one is called "__metadata__".</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null) =>
        AtomicFile.Write(path, stream => Save(stream, tensors, metadata));

    /// <summary>Writes to a stream, from its position on.</summary>
    /// <inheritdoc cref="Save(string, IEnumerable{KeyValuePair{string, Tensor}}, IEnumerable{KeyValuePair{string, string}})"/>
    public static void Save(
        Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        List<KeyValuePair<string, Tensor>> inOrder = [.. tensors];
        RequireNames(inOrder);

        // Wide elements first, so that every tensor is aligned to its element size.
        List<int> layout = [.. Enumerable.Range(0, inOrder.Count).OrderByDescending(i => inOrder[i].Value.DType.Size())];
        long[] begins = new long[inOrder.Count];
        long end = 0;
        foreach (int i in layout)
        {
            begins[i] = end;
            end += Bytes(inOrder[i].Value);
        }

        WriteHeader(stream, inOrder, begins, metadata ?? []);
        foreach (int i in layout)
        {
            StoredElements.Write(stream, inOrder[i].Value);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <param name="select">Which tensors to read, by name; null reads all. The header is checked as a whole either way.</param>
    /// <returns>The tensors, on the device, and the metadata, both in the order of the header.</returns>
    /// <exception cref="InvalidDataException">The file is malformed or truncated, or holds what a tensor cannot; the message says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static TensorArchive Load(string path, Device device = default, Predicate<string>? select = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Load(stream, path, device, select);
    }

    /// <summary>Reads a stream from its position to its end.</summary>
    /// <param name="stream">What to read; one that cannot seek is copied to memory first.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <param name="select">Which tensors to read, by name; null reads all.</param>
    /// <inheritdoc cref="Load(string, Device, Predicate{string})"/>
    public static TensorArchive Load(Stream stream, string name = "stream", Device device = default, Predicate<string>? select = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            using MemoryStream copy = new();
            stream.CopyTo(copy);
            copy.Position = 0;
            return Load(copy, name, device, select);
        }

        long total = stream.Length - stream.Position;
        byte[] prefix = new byte[sizeof(ulong)];
        if (total < prefix.Length)
        {
            throw new InvalidDataException($"{name}: expected 8 bytes of header length, found {total}; this is not a safetensors file.");
        }

        stream.ReadExactly(prefix);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaximumBytes)
        {
            throw new InvalidDataException($"{name}: expected a header of at most {SafetensorsHeader.MaximumBytes} bytes, found the length {headerBytes}.");
        }

        long dataBytes = total - prefix.Length - (long)headerBytes;
        if (dataBytes < 0)
        {
            throw new InvalidDataException($"{name}: expected a header of {headerBytes} bytes, found {total - prefix.Length}; the file is truncated.");
        }

        byte[] json = new byte[headerBytes];
        stream.ReadExactly(json);
        SafetensorsHeader header = SafetensorsHeader.Parse(json, dataBytes, name);
        return ReadTensors(stream, header, name, device, select);
    }

    private static TensorArchive ReadTensors(Stream stream, SafetensorsHeader header, string name, Device device, Predicate<string>? select)
    {
        long data = stream.Position;
        TensorArchive archive = new();
        bool complete = false;
        try
        {
            foreach ((string key, string text) in header.Metadata)
            {
                archive.Metadata.Add(key, text);
            }

            foreach (SafetensorsEntry entry in header.Entries)
            {
                if (select is not null && !select(entry.Name))
                {
                    continue;
                }

                stream.Position = data + entry.Begin;
                Tensor host = StoredElements.Read(stream, entry.Type, entry.Shape, littleEndian: true, $"{name}: tensor '{entry.Name}'");
                archive.Tensors.Add(entry.Name, host.To(device));
                if (!device.IsHost)
                {
                    host.Dispose();
                }
            }

            complete = true;
            return archive;
        }
        finally
        {
            if (!complete)
            {
                archive.Dispose();
            }
        }
    }

    private static void RequireNames(List<KeyValuePair<string, Tensor>> tensors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in tensors)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            if (name == SafetensorsHeader.MetadataKey || !names.Add(name))
            {
                throw new ArgumentException($"Tensor names must be distinct and not '{SafetensorsHeader.MetadataKey}', found '{name}'.", nameof(tensors));
            }
        }
    }

    private static void WriteHeader(
        Stream stream, List<KeyValuePair<string, Tensor>> tensors, long[] begins, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            WriteMetadata(writer, metadata);
            for (int i = 0; i < tensors.Count; i++)
            {
                (string name, Tensor tensor) = tensors[i];
                writer.WriteStartObject(name);
                writer.WriteString("dtype", SafetensorsHeader.Name(StoredElements.Of(tensor.DType)));
                writer.WriteStartArray("shape");
                foreach (int extent in tensor.Shape)
                {
                    writer.WriteNumberValue(extent);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(begins[i]);
                writer.WriteNumberValue(begins[i] + Bytes(tensor));
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        while (buffer.WrittenCount % 8 != 0)
        {
            buffer.Write(" "u8);
        }

        if (buffer.WrittenCount > SafetensorsHeader.MaximumBytes)
        {
            throw new ArgumentException(
                $"Names and metadata make a header of {buffer.WrittenCount} bytes; the format allows {SafetensorsHeader.MaximumBytes}.", nameof(metadata));
        }

        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)buffer.WrittenCount);
        stream.Write(prefix);
        stream.Write(buffer.WrittenSpan);
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((string name, string text) in metadata)
        {
            ArgumentNullException.ThrowIfNull(text, nameof(metadata));
            if (names.Count == 0)
            {
                writer.WriteStartObject(SafetensorsHeader.MetadataKey);
            }

            if (!names.Add(name))
            {
                throw new ArgumentException($"Metadata names must be distinct, found '{name}' twice.", nameof(metadata));
            }

            writer.WriteString(name, text);
        }

        if (names.Count > 0)
        {
            writer.WriteEndObject();
        }
    }

    private static long Bytes(Tensor tensor) => tensor.Length * tensor.DType.Size();
}
