namespace Thor.Kernels.Dialect;

/// <summary>Memory of a group. Its contents are undefined at first; on the processor every byte starts as 0xFF, which reads as NaN.</summary>
public static class SharedMemory
{
    /// <summary>An array that all threads of the group share.</summary>
    /// <param name="length">Elements; a compile-time constant or an expression of specialised values. Allocated at the top level of the kernel, not in a helper.</param>
    public static ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => KernelContext.Current.AllocateShared<T>(length);

    /// <summary>The memory whose size the launch names (<c>KernelConfig.SharedBytes</c>). Every call gives the same bytes, whatever T.</summary>
    public static ArrayView<T> GetDynamic<T>()
        where T : unmanaged => KernelContext.Current.DynamicShared<T>();
}
