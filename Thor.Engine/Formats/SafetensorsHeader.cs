using System.Text.Json;
using System.Text.Unicode;

namespace Thor.Engine.Formats;

/// <summary>The header of a safetensors file, checked: names are distinct, sizes agree with types and shapes, and the tensors fill the data exactly.</summary>
internal sealed class SafetensorsHeader
{
    public const int MaximumBytes = 100_000_000;
    public const string MetadataKey = "__metadata__";

    private readonly string _file;

    private SafetensorsHeader(string file)
    {
        _file = file;
    }

    /// <summary>Tensors in the order of the header.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>Metadata in the order of the header.</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    /// <summary>What the format calls an element type.</summary>
    public static string Name(StoredType type) => type switch
    {
        StoredType.Boolean => "BOOL",
        StoredType.UInt8 => "U8",
        StoredType.Int8 => "I8",
        StoredType.UInt16 => "U16",
        StoredType.Int16 => "I16",
        StoredType.UInt32 => "U32",
        StoredType.Int32 => "I32",
        StoredType.UInt64 => "U64",
        StoredType.Int64 => "I64",
        StoredType.Float16 => "F16",
        StoredType.BFloat16 => "BF16",
        StoredType.Float32 => "F32",
        _ => "F64",
    };

    /// <summary>Reads a header whose data has so many bytes.</summary>
    /// <exception cref="InvalidDataException">Anything is not as the format wants it.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataBytes, string file)
    {
        SafetensorsHeader header = new(file);
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw header.Malformed("expected the header to start with '{'" + (json.IsEmpty ? ", found nothing" : $", found the byte 0x{json[0]:x2}"));
        }

        if (!Utf8.IsValid(json))
        {
            throw header.Malformed("the header is not UTF-8");
        }

        try
        {
            Utf8JsonReader reader = new(json);
            reader.Read();
            header.ParseObject(ref reader);
            reader.Read();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{file}: the header is not JSON: {exception.Message}", exception);
        }

        header.RequireExactCover(dataBytes);
        return header;
    }

    private void ParseObject(ref Utf8JsonReader reader)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName(ref reader, names, "the header", out string name))
        {
            Expect(ref reader, JsonTokenType.StartObject, $"'{name}'");
            if (name == MetadataKey)
            {
                ParseMetadata(ref reader);
            }
            else
            {
                ParseEntry(ref reader, name);
            }
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName(ref reader, names, MetadataKey, out string name))
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{name}'");
            Metadata.Add(new(name, Text(ref reader)));
        }
    }

    private void ParseEntry(ref Utf8JsonReader reader, string name)
    {
        string where = $"tensor '{name}'";
        StoredType? type = null;
        List<long>? extents = null;
        List<long>? offsets = null;
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName(ref reader, names, where, out string property))
        {
            switch (property)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"dtype of {where}");
                    type = Type(Text(ref reader), where);
                    break;
                case "shape":
                    extents = Numbers(ref reader, $"shape of {where}");
                    break;
                case "data_offsets":
                    offsets = Numbers(ref reader, $"data_offsets of {where}");
                    break;
                default:
                    throw Malformed($"{where}: expected dtype, shape and data_offsets, found '{property}'");
            }
        }

        if (type is null || extents is null || offsets is null)
        {
            throw Malformed($"{where}: expected dtype, shape and data_offsets, found {(names.Count == 0 ? "nothing" : string.Join(" and ", names))}");
        }

        if (offsets.Count != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
        {
            throw Malformed($"{where}: expected data_offsets [begin, end] with 0 <= begin <= end, found [{string.Join(", ", offsets)}]");
        }

        Shape shape = StoredElements.Layout(extents.ToArray(), type.Value, $"{_file}: {where}", out long bytes);
        if (offsets[1] - offsets[0] != bytes)
        {
            throw Malformed($"{where}: expected {bytes} bytes for {Name(type.Value)} {shape}, found data_offsets [{string.Join(", ", offsets)}]");
        }

        Entries.Add(new SafetensorsEntry(name, type.Value, shape, offsets[0], offsets[1]));
    }

    private void RequireExactCover(long dataBytes)
    {
        List<SafetensorsEntry> byOffset = [.. Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        long covered = 0;
        foreach (SafetensorsEntry entry in byOffset)
        {
            if (entry.Begin != covered)
            {
                string problem = entry.Begin < covered ? "overlaps the tensor before it" : "leaves a hole before it";
                throw Malformed($"tensor '{entry.Name}' {problem}: expected it to begin at {covered}, found {entry.Begin}");
            }

            covered = entry.End;
        }

        if (covered != dataBytes)
        {
            throw Malformed($"expected {covered} bytes of elements, found {dataBytes}{(covered > dataBytes ? "; the file is truncated" : string.Empty)}");
        }
    }

    /// <summary>The next property of an object; false at the object's end.</summary>
    private bool NextName(ref Utf8JsonReader reader, HashSet<string> names, string where, out string name)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            name = string.Empty;
            return false;
        }

        name = Text(ref reader);
        return names.Add(name) ? true : throw Malformed($"{where}: expected distinct names, found '{name}' twice");
    }

    private List<long> Numbers(ref Utf8JsonReader reader, string where)
    {
        Expect(ref reader, JsonTokenType.StartArray, where);
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Malformed($"{where}: expected integers from 0 on, found {reader.TokenType} at byte {reader.TokenStartIndex} of the header");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string where)
    {
        reader.Read();
        if (reader.TokenType != expected)
        {
            throw Malformed($"{where}: expected {expected}, found {reader.TokenType}");
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!; // Names and strings are never null.
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"{_file}: the text at byte {reader.TokenStartIndex} of the header is half a surrogate pair.", exception);
        }
    }

    private StoredType Type(string text, string where)
    {
        foreach (StoredType type in Enum.GetValues<StoredType>())
        {
            if (Name(type) == text)
            {
                return type;
            }
        }

        throw Malformed($"{where}: expected one of the element types {string.Join(", ", Enum.GetValues<StoredType>().Select(Name))}, found '{text}'");
    }

    private InvalidDataException Malformed(string problem) => new($"{_file}: {problem}.");
}
