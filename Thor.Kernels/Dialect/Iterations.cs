namespace Thor.Kernels.Dialect;

/// <summary>What a kernel says of a loop: <c>for (int i = 0; i &lt; Iterations.Independent(n); i++)</c>.</summary>
public static class Iterations
{
    /// <summary>
    /// Promises that no iteration reads what another writes, so that a compiler for processors may run sixteen side by side; it may also
    /// reorder floating-point sums that run over the loop. GPUs do nothing with it.
    /// </summary>
    /// <param name="end">The end of the loop.</param>
    /// <returns>The end.</returns>
    public static int Independent(int end) => end;

    /// <inheritdoc cref="Independent(int)"/>
    public static long Independent(long end) => end;
}
