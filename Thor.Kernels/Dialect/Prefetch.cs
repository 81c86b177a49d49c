namespace Thor.Kernels.Dialect;

/// <summary>Word to the caches of what a thread is about to use.</summary>
public static class Prefetch
{
    /// <summary>Asks for the line of an element of device memory in the second cache. Nothing waits, and nothing else happens.</summary>
    public static void Read(ref float element)
    {
    }
}
