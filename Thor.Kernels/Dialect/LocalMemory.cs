namespace Thor.Kernels.Dialect;

/// <summary>Memory of one thread: registers, if every index is a constant once loops are unrolled.</summary>
public static class LocalMemory
{
    /// <summary>An array of the calling thread; contents undefined at first.</summary>
    /// <param name="length">Elements; a compile-time constant or an expression of specialised values.</param>
    public static ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => KernelContext.Current.AllocateLocal<T>(length);
}
