namespace Thor.Kernels.Dialect;

/// <summary>Indivisible read-modify-write operations on elements of views; each returns the value before. Order between threads is not defined.</summary>
public static class Atomic
{
    /// <summary>target += value.</summary>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <inheritdoc cref="Add(ref int, int)"/>
    public static uint Add(ref uint target, uint value) => unchecked(Interlocked.Add(ref target, value) - value);

    /// <summary>target += value. The order of threads decides the rounding: results may differ from run to run.</summary>
    public static float Add(ref float target, float value)
    {
        float before;
        float seen = target;
        do
        {
            before = seen;
            seen = Interlocked.CompareExchange(ref target, before + value, before);
        }
        while (BitConverter.SingleToInt32Bits(seen) != BitConverter.SingleToInt32Bits(before));
        return before;
    }

    /// <summary>target = max(target, value).</summary>
    public static int Max(ref int target, int value)
    {
        int before;
        int seen = target;
        do
        {
            before = seen;
            seen = Interlocked.CompareExchange(ref target, Math.Max(before, value), before);
        }
        while (seen != before);
        return before;
    }

    /// <summary>target = min(target, value).</summary>
    public static int Min(ref int target, int value)
    {
        int before;
        int seen = target;
        do
        {
            before = seen;
            seen = Interlocked.CompareExchange(ref target, Math.Min(before, value), before);
        }
        while (seen != before);
        return before;
    }

    /// <summary>target = value.</summary>
    public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

    /// <summary>target = value where target is the comparand.</summary>
    public static int CompareExchange(ref int target, int comparand, int value) => Interlocked.CompareExchange(ref target, value, comparand);
}
