using System.Buffers.Binary;
using System.Text;
using Thor.Engine.Memory;

namespace Thor.Engine.Formats;

/// <summary>Reads and writes .npy, NumPy's format of one array.</summary>
/// <remarks>
/// Versions 1, 2 and 3 are read, in either byte order, last or first axis fastest; version 1 is written, little-endian. float32,
/// float64 and int32 are kept as they are. When reading, float16 becomes Float32; bool, uint8, int8, uint16 and int16 become Int32; uint32, int64 and uint64 become
/// Int32 where every value fits.
/// </remarks>
public static class Npy
{
    private const int Alignment = 64;
    private const int MaximumHeaderBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes a file; it appears complete or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="tensor">What to write, from any device.</param>
    /// <param name="fortranOrder">Writes the first axis fastest.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Tensor tensor, bool fortranOrder = false)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        AtomicFile.Write(path, stream => Save(stream, tensor, fortranOrder));
    }

    /// <summary>Writes to a stream, from its position on.</summary>
    /// <inheritdoc cref="Save(string, Tensor, bool)"/>
    public static void Save(Stream stream, Tensor tensor, bool fortranOrder = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensor);
        string text = NpyHeader.Format(tensor.DType, tensor.Shape, fortranOrder);
        byte[] prefix = [.. Magic, 1, 0, 0, 0];
        int total = (prefix.Length + text.Length + Alignment) / Alignment * Alignment;
        BinaryPrimitives.WriteUInt16LittleEndian(prefix.AsSpan(8), (ushort)(total - prefix.Length));
        stream.Write(prefix);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(total - prefix.Length - 1) + "\n"));
        using TensorScope scope = TensorScope.Begin();
        StoredElements.Write(stream, fortranOrder ? Reversed(tensor) : tensor);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file is malformed or truncated, or holds what a tensor cannot; the message says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Tensor Load(string path, Device device = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return LoadWhole(stream, path, device);
    }

    /// <summary>Reads one array from a stream's position; what follows is left unread.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <param name="device">Where the tensor goes.</param>
    /// <inheritdoc cref="Load(string, Device)"/>
    public static Tensor Load(Stream stream, string name = "stream", Device device = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        NpyHeader header = ReadHeader(stream, name);
        Shape shape = StoredElements.Layout(header.Extents, header.Type, name, out long bytes);
        if (stream.CanSeek && stream.Length - stream.Position < bytes)
        {
            throw new InvalidDataException($"{name}: expected {bytes} bytes of elements, found {stream.Length - stream.Position}; the file is truncated.");
        }

        using TensorScope scope = TensorScope.Begin();
        int[] stored = shape.Extents.ToArray();
        if (header.FortranOrder)
        {
            stored.AsSpan().Reverse();
        }

        Tensor tensor = StoredElements.Read(stream, header.Type, new Shape(stored), header.LittleEndian, name);
        return scope.Keep((header.FortranOrder ? Reversed(tensor).Contiguous() : tensor).To(device));
    }

    /// <summary>Reads one array that fills a stream.</summary>
    internal static Tensor LoadWhole(Stream stream, string name, Device device)
    {
        Tensor tensor = Load(stream, name, device);
        if (stream.ReadByte() < 0)
        {
            return tensor;
        }

        tensor.Dispose();
        throw new InvalidDataException($"{name}: expected {tensor.DType}{tensor.Shape} and nothing after it, found more bytes.");
    }

    private static NpyHeader ReadHeader(Stream stream, string name)
    {
        Span<byte> magic = stackalloc byte[8];
        int read = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (read < magic.Length || !magic.StartsWith(Magic))
        {
            throw new InvalidDataException($"{name}: expected the bytes 93 'NUMPY' and a version, found {Convert.ToHexString(magic[..read])}; this is not a .npy file.");
        }

        int version = magic[6];
        if (version is < 1 or > 3 || magic[7] != 0)
        {
            throw new InvalidDataException($"{name}: expected version 1.0, 2.0 or 3.0, found {version}.{magic[7]}.");
        }

        Span<byte> lengthBytes = stackalloc byte[version == 1 ? 2 : 4];
        Fill(stream, lengthBytes, name);
        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaximumHeaderBytes)
        {
            throw new InvalidDataException($"{name}: expected a header of at most {MaximumHeaderBytes} bytes, found the length {length}.");
        }

        byte[] text = new byte[length];
        Fill(stream, text, name);
        return NpyHeader.Parse(version == 3 ? Encoding.UTF8.GetString(text) : Encoding.Latin1.GetString(text), name);
    }

    private static void Fill(Stream stream, Span<byte> bytes, string name)
    {
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length)
        {
            throw new InvalidDataException($"{name}: expected {bytes.Length} more bytes of header, found {read}; the file is truncated.");
        }
    }

    /// <summary>A view with the axes in opposite order.</summary>
    private static Tensor Reversed(Tensor tensor)
    {
        int[] order = new int[tensor.Rank];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = order.Length - 1 - i;
        }

        return tensor.Permute(order);
    }
}
