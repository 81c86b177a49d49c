using System.Globalization;

namespace Thor.Kernels.Accelerators;

/// <summary>Refuses copies that do not fit, with the numbers, before anything is submitted.</summary>
internal static class TransferChecks
{
    /// <summary>The bytes lie inside a living buffer of the accelerator.</summary>
    public static void Require(Accelerator accelerator, MemoryBuffer buffer, long byteOffset, long bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(buffer, name);
        ObjectDisposedException.ThrowIf(buffer.IsDisposed, buffer);
        if (!ReferenceEquals(buffer.Accelerator, accelerator))
        {
            throw new ArgumentException(
                $"The buffer belongs to {buffer.Accelerator?.Name ?? "a running kernel"}, the stream to another device, {accelerator.Name}.", name);
        }

        RequireRange(buffer.LengthInBytes, byteOffset, bytes, name, "a buffer");
    }

    /// <summary>The bytes lie inside pinned memory.</summary>
    public static void Require(PinnedMemory memory, long byteOffset, long bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(memory, name);
        RequireRange(memory.LengthInBytes, byteOffset, bytes, name, "pinned memory");
    }

    /// <summary>The ranges of a copy do not overlap.</summary>
    public static void RequireApart(MemoryBuffer source, long sourceOffset, MemoryBuffer destination, long destinationOffset, long bytes)
    {
        if (ReferenceEquals(source, destination) && Math.Abs(sourceOffset - destinationOffset) < bytes)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes} bytes from byte {sourceOffset} and from byte {destinationOffset} of one buffer overlap; copied ranges must not."), nameof(destinationOffset));
        }
    }

    private static void RequireRange(long length, long byteOffset, long bytes, string name, string what)
    {
        if (byteOffset < 0 || bytes < 0 || byteOffset > length - bytes)
        {
            throw new ArgumentOutOfRangeException(name, string.Create(
                CultureInfo.InvariantCulture, $"{bytes} bytes from byte {byteOffset} do not lie inside {what} of {length} bytes."));
        }
    }
}
