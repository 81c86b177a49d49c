using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Thor.Engine.Memory;

namespace Thor.Engine.Formats;

/// <summary>Moves elements between streams and host tensors, widening what a tensor does not hold as it is.</summary>
/// <remarks>
/// Float16 and BFloat16 become Float32, and booleans and integers of 8 and 16 bits become Int32, all exactly; wider integers
/// become Int32 if every value fits.
/// </remarks>
internal static class StoredElements
{
    /// <summary>More axes than any operation needs; keeps hostile headers small.</summary>
    private const int MaximumRank = 32;

    private const int ChunkElements = 1 << 14;

    /// <summary>Bytes of one element in the file.</summary>
    public static int Size(StoredType type) => type switch
    {
        StoredType.Boolean or StoredType.UInt8 or StoredType.Int8 => 1,
        StoredType.UInt16 or StoredType.Int16 or StoredType.Float16 or StoredType.BFloat16 => 2,
        StoredType.UInt32 or StoredType.Int32 or StoredType.Float32 => 4,
        _ => 8,
    };

    /// <summary>How a tensor's elements are stored.</summary>
    public static StoredType Of(DType type) => type switch
    {
        DType.Float32 => StoredType.Float32,
        DType.Float64 => StoredType.Float64,
        _ => StoredType.Int32,
    };

    /// <summary>A shape and its size in the file.</summary>
    /// <exception cref="InvalidDataException">Too many axes, an extent outside [0, 2^31), or too many elements.</exception>
    public static Shape Layout(ReadOnlySpan<long> extents, StoredType type, string where, out long bytes)
    {
        if (extents.Length > MaximumRank)
        {
            throw new InvalidDataException($"{where}: expected at most {MaximumRank} axes, found {extents.Length}.");
        }

        int[] shape = new int[extents.Length];
        Int128 elements = 1;
        Int128 reach = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (extents[i] is < 0 or > int.MaxValue)
            {
                throw new InvalidDataException($"{where}: expected extents from 0 to {int.MaxValue}, found {extents[i]} on axis {i}.");
            }

            shape[i] = (int)extents[i];
            elements *= shape[i];

            // Strides step over empty axes as if they had one element, so these products must stay in range too.
            reach *= Math.Max(1, shape[i]);
            if (reach > long.MaxValue)
            {
                throw new InvalidDataException($"{where}: the extents multiply to more elements than can be counted.");
            }
        }

        if (elements > int.MaxValue)
        {
            throw new InvalidDataException($"{where}: expected at most {int.MaxValue} elements, found {elements}.");
        }

        bytes = (long)elements * Size(type);
        return new Shape(shape);
    }

    /// <summary>Reads the elements of a shape into a new host tensor.</summary>
    /// <exception cref="InvalidDataException">The stream ends early or a value does not fit the tensor.</exception>
    public static Tensor Read(Stream stream, StoredType type, Shape shape, bool littleEndian, string where)
    {
        DType target = type switch
        {
            StoredType.Float16 or StoredType.BFloat16 or StoredType.Float32 => DType.Float32,
            StoredType.Float64 => DType.Float64,
            _ => DType.Int32,
        };

        Tensor tensor = Tensor.Empty(shape, target);
        bool complete = false;
        try
        {
            int size = Size(type);
            byte[] buffer = new byte[Math.Min(ChunkElements, (int)tensor.Length) * size];
            for (int start = 0; start < tensor.Length; start += ChunkElements)
            {
                int count = Math.Min(ChunkElements, (int)tensor.Length - start);
                Span<byte> chunk = buffer.AsSpan(0, count * size);
                int read = stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
                if (read < chunk.Length)
                {
                    throw new InvalidDataException(
                        $"{where}: expected {tensor.Length * size} bytes of elements, found {((long)start * size) + read}; the file is truncated.");
                }

                if (littleEndian != BitConverter.IsLittleEndian)
                {
                    Reverse(chunk, size);
                }

                Convert(type, chunk, Bytes(tensor, start, count), where);
            }

            complete = true;
            return tensor;
        }
        finally
        {
            if (!complete)
            {
                tensor.Dispose();
            }
        }
    }

    /// <summary>Writes the elements of a tensor in row-major order, little-endian, in the tensor's own type.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor host = tensor.To(Device.Host).Contiguous();
        int size = host.DType.Size();
        byte[] swapped = BitConverter.IsLittleEndian ? [] : new byte[ChunkElements * size];
        for (int start = 0; start < host.Length; start += ChunkElements)
        {
            Span<byte> chunk = Bytes(host, start, Math.Min(ChunkElements, (int)host.Length - start));
            if (!BitConverter.IsLittleEndian)
            {
                chunk.CopyTo(swapped);
                chunk = swapped.AsSpan(0, chunk.Length);
                Reverse(chunk, size);
            }

            stream.Write(chunk);
        }
    }

    private static Span<byte> Bytes(Tensor tensor, int start, int count) => tensor.DType switch
    {
        DType.Float32 => MemoryMarshal.AsBytes(tensor.AsSpan<float>().Slice(start, count)),
        DType.Float64 => MemoryMarshal.AsBytes(tensor.AsSpan<double>().Slice(start, count)),
        _ => MemoryMarshal.AsBytes(tensor.AsSpan<int>().Slice(start, count)),
    };

    private static void Reverse(Span<byte> chunk, int size)
    {
        switch (size)
        {
            case 2:
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(chunk), MemoryMarshal.Cast<byte, ushort>(chunk));
                break;
            case 4:
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(chunk), MemoryMarshal.Cast<byte, uint>(chunk));
                break;
            case 8:
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(chunk), MemoryMarshal.Cast<byte, ulong>(chunk));
                break;
        }
    }

    private static void Convert(StoredType type, ReadOnlySpan<byte> source, Span<byte> destination, string where)
    {
        switch (type)
        {
            case StoredType.Float32 or StoredType.Float64 or StoredType.Int32:
                source.CopyTo(destination);
                break;
            case StoredType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), MemoryMarshal.Cast<byte, float>(destination));
                break;
            case StoredType.BFloat16:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(source);
                Span<uint> bits = MemoryMarshal.Cast<byte, uint>(destination);
                for (int i = 0; i < upper.Length; i++)
                {
                    bits[i] = (uint)upper[i] << 16;
                }

                break;
            case StoredType.Boolean or StoredType.UInt8:
                Narrow<byte>(type, source, destination, where);
                break;
            case StoredType.Int8:
                Narrow<sbyte>(type, source, destination, where);
                break;
            case StoredType.UInt16:
                Narrow<ushort>(type, source, destination, where);
                break;
            case StoredType.Int16:
                Narrow<short>(type, source, destination, where);
                break;
            case StoredType.UInt32:
                Narrow<uint>(type, source, destination, where);
                break;
            case StoredType.UInt64:
                Narrow<ulong>(type, source, destination, where);
                break;
            default:
                Narrow<long>(type, source, destination, where);
                break;
        }
    }

    private static void Narrow<T>(StoredType type, ReadOnlySpan<byte> source, Span<byte> destination, string where)
        where T : unmanaged, IBinaryInteger<T>
    {
        int maximum = type == StoredType.Boolean ? 1 : int.MaxValue;
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(source);
        Span<int> integers = MemoryMarshal.Cast<byte, int>(destination);
        for (int i = 0; i < values.Length; i++)
        {
            int value = int.CreateSaturating(values[i]);
            if (value > maximum || T.CreateSaturating(value) != values[i])
            {
                throw new InvalidDataException(
                    $"{where}: the {type} value {values[i]} does not fit: expected {(maximum == 1 ? "0 or 1" : "the range of Int32")}.");
            }

            integers[i] = value;
        }
    }
}
