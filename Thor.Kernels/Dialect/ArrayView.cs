using System.Globalization;
using System.Runtime.CompilerServices;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Dialect;

/// <summary>
/// A range of elements of a buffer: what kernels read and write. A kernel on the processor checks every index; a kernel on a device
/// does not, as in ILGPU.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    private readonly MemoryBuffer? _buffer;
    private readonly nint _address;
    private readonly long _offset;
    private readonly long _length;

    /// <summary>A view of a range of a buffer.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="offsetInBytes">First byte; a multiple of the element size.</param>
    /// <param name="length">Number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the buffer.</exception>
    public ArrayView(MemoryBuffer buffer, long offsetInBytes, long length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (offsetInBytes < 0 || length < 0 || offsetInBytes % sizeof(T) != 0 || length > (buffer.LengthInBytes - offsetInBytes) / sizeof(T))
        {
            throw new ArgumentOutOfRangeException(nameof(length), string.Create(
                CultureInfo.InvariantCulture,
                $"A view of {length} elements of {typeof(T).Name} at byte {offsetInBytes} does not lie inside a buffer of {buffer.LengthInBytes} bytes, or not at a multiple of {sizeof(T)} bytes."));
        }

        _buffer = buffer;
        _offset = offsetInBytes;
        _length = length;
        _address = buffer.HostAddress == 0 ? 0 : buffer.HostAddress + (nint)offsetInBytes;
    }

    /// <summary>A view of nothing.</summary>
    public static ArrayView<T> Empty => default;

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize => sizeof(T);

    /// <summary>Number of elements.</summary>
    public long Length => _length;

    /// <summary>Number of elements as an int.</summary>
    public int IntLength => checked((int)_length);

    /// <summary>Number of bytes.</summary>
    public long LengthInBytes => _length * sizeof(T);

    /// <summary>True unless the view is <see cref="Empty"/> or was never set.</summary>
    public bool IsValid => _buffer is not null;

    /// <summary>The buffer that holds the elements. For the host, not for kernels.</summary>
    public MemoryBuffer? Buffer => _buffer;

    /// <summary>First byte inside the buffer. For the host, not for kernels.</summary>
    public long OffsetInBytes => _offset;

    /// <summary>An element, by 32-bit address arithmetic.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_length || _address == 0)
            {
                ViewFault.Throw(index, _length, _buffer, typeof(T));
            }

            return ref ((T*)_address)[index];
        }
    }

    /// <summary>An element, by 64-bit address arithmetic.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_length || _address == 0)
            {
                ViewFault.Throw(index, _length, _buffer, typeof(T));
            }

            return ref ((T*)_address)[index];
        }
    }

    /// <summary>The elements from an index on.</summary>
    public ArrayView<T> SubView(long index) => SubView(index, _length - index);

    /// <summary>A range of the elements.</summary>
    public ArrayView<T> SubView(long index, long length)
    {
        if (index < 0 || length < 0 || index > _length - length)
        {
            ViewFault.Throw(index, length, _length, typeof(T));
        }

        return _buffer is null ? default : new ArrayView<T>(_buffer, _offset + (index * sizeof(T)), length);
    }

    /// <summary>The same bytes as elements of another type; the length is what fits. The offset must be a multiple of the new element size.</summary>
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged => _buffer is null ? default : new ArrayView<TOther>(_buffer, _offset, LengthInBytes / sizeof(TOther));
}
