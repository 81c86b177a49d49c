using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Dialect;

/// <summary>What goes wrong with views, said with the numbers.</summary>
internal static class ViewFault
{
    [DoesNotReturn]
    public static void Throw(long index, long length, MemoryBuffer? buffer, Type type)
    {
        if ((ulong)index < (ulong)length)
        {
            throw new InvalidOperationException($"Memory of {buffer?.Accelerator?.Name ?? "a device"} cannot be read element by element; copy it to the host first.");
        }

        throw new KernelFaultException(string.Create(
            CultureInfo.InvariantCulture, $"Index {index} is outside a view of {length} elements of {type.Name}{KernelContext.Where()}."));
    }

    [DoesNotReturn]
    public static void Throw(long index, long length, long whole, Type type) => throw new KernelFaultException(string.Create(
        CultureInfo.InvariantCulture, $"The range of {length} elements from {index} is outside a view of {whole} elements of {type.Name}{KernelContext.Where()}."));
}
