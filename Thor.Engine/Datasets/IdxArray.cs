using System.Buffers.Binary;

namespace Thor.Engine.Datasets;

/// <summary>The content of an IDX file of unsigned bytes, the format of MNIST: extents, and elements in row-major order.</summary>
/// <param name="Shape">The extents.</param>
/// <param name="Elements">The bytes.</param>
public readonly record struct IdxArray(Shape Shape, ReadOnlyMemory<byte> Elements)
{
    private const byte UnsignedByte = 8;

    /// <summary>Reads a file, unpacking it if its name ends with .gz.</summary>
    /// <exception cref="InvalidDataException">The file is malformed or truncated, or holds another element type.</exception>
    public static IdxArray Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ReadOnlyMemory<byte> content = DatasetFile.Read(path);
        ReadOnlySpan<byte> bytes = content.Span;
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UnsignedByte || bytes[3] == 0)
        {
            throw new InvalidDataException(
                $"{path}: expected an IDX file of bytes (0x00, 0x00, 0x08, axes), found {(bytes.IsEmpty ? "nothing" : Convert.ToHexString(bytes[..Math.Min(4, bytes.Length)]))}.");
        }

        int rank = bytes[3];
        int header = 4 + (4 * rank);
        if (bytes.Length < header)
        {
            throw new InvalidDataException($"{path}: expected {header} bytes of header for {rank} axes, found {bytes.Length}; the file is truncated.");
        }

        int[] extents = new int[rank];
        Int128 length = 1;
        for (int i = 0; i < rank; i++)
        {
            uint extent = BinaryPrimitives.ReadUInt32BigEndian(bytes[(4 + (4 * i))..]);
            length *= extent;
            if (length > Array.MaxLength || extent > int.MaxValue)
            {
                throw new InvalidDataException($"{path}: expected at most {Array.MaxLength} elements, the extents in the header multiply to more.");
            }

            extents[i] = (int)extent;
        }

        Shape shape = new(extents);
        if (length != bytes.Length - header)
        {
            throw new InvalidDataException($"{path}: expected {length} elements for the shape {shape}, found {bytes.Length - header}.");
        }

        return new IdxArray(shape, content[header..]);
    }
}
