using System.Runtime.InteropServices;

namespace Thor.Kernels.Accelerators;

/// <summary>A block of an accelerator's memory that holds elements of one type.</summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed class MemoryBuffer<T> : IDisposable
    where T : unmanaged
{
    internal MemoryBuffer(MemoryBuffer buffer, int length)
    {
        Buffer = buffer;
        View = new ArrayView<T>(buffer, 0, length);
    }

    /// <summary>The block.</summary>
    public MemoryBuffer Buffer { get; }

    /// <summary>All elements, for kernels.</summary>
    public ArrayView<T> View { get; }

    /// <summary>Number of elements.</summary>
    public int Length => View.IntLength;

    private AcceleratorStream Stream => Buffer.Accelerator!.Stream; // buffers outside kernels have one

    /// <summary>Overwrites the first elements.</summary>
    public void CopyFrom(ReadOnlySpan<T> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, Length, nameof(source));
        Stream.Upload(MemoryMarshal.AsBytes(source), Buffer, 0);
    }

    /// <summary>Sets all elements to zero.</summary>
    public void Clear() => Stream.Clear(Buffer, 0, View.LengthInBytes);

    /// <summary>The elements, after all work submitted before.</summary>
    public T[] ToArray()
    {
        T[] result = new T[Length];
        Stream.Download(Buffer, 0, MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();
}
