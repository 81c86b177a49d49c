namespace Thor.Kernels.Kernels;

/// <summary>
/// What kernels for processors do with one contiguous row: sums in 16 parts side by side, so that compilers can vectorise them, and the
/// rest one by one.
/// </summary>
internal static class ProcessorRows
{
    private const int Parts = 16;

    /// <summary>The largest element. A NaN is passed over: it shows in the sum of exponentials.</summary>
    public static float Largest(ReadOnlyView<float> x, int n)
    {
        ArrayView<float> parts = LocalMemory.Allocate<float>(Parts);
        for (int part = 0; part < Parts; part++)
        {
            parts[part] = float.NegativeInfinity;
        }

        int whole = n / Parts * Parts;
        for (int i = 0; i < whole; i += Parts)
        {
            for (int part = 0; part < Parts; part++)
            {
                parts[part] = x[i + part] > parts[part] ? x[i + part] : parts[part];
            }
        }

        float largest = float.NegativeInfinity;
        for (int part = 0; part < Parts; part++)
        {
            largest = parts[part] > largest ? parts[part] : largest;
        }

        for (int i = whole; i < n; i++)
        {
            largest = x[i] > largest ? x[i] : largest;
        }

        return largest;
    }

    /// <summary>Sum of the elements.</summary>
    public static float Sum(ReadOnlyView<float> x, int n)
    {
        FloatX16 parts = FloatX16.Splat(0f);
        int whole = n / Parts * Parts;
        for (int i = 0; i < whole; i += Parts)
        {
            parts = parts + ProcessorLanes.Load16(x, i);
        }

        float sum = ProcessorLanes.Sum(parts);
        for (int i = whole; i < n; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    /// <summary>Sum of a * b.</summary>
    public static float Dot(ReadOnlyView<float> a, ReadOnlyView<float> b, int n)
    {
        FloatX16 parts = FloatX16.Splat(0f);
        int whole = n / Parts * Parts;
        for (int i = 0; i < whole; i += Parts)
        {
            parts = Fused.MultiplyAdd(ProcessorLanes.Load16(a, i), ProcessorLanes.Load16(b, i), parts);
        }

        float sum = ProcessorLanes.Sum(parts);
        for (int i = whole; i < n; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Sum of e^(x - shift).</summary>
    public static float SumOfExponentials(ReadOnlyView<float> x, int n, float shift)
    {
        ArrayView<float> parts = LocalMemory.Allocate<float>(Parts);
        for (int part = 0; part < Parts; part++)
        {
            parts[part] = 0f;
        }

        int whole = n / Parts * Parts;
        for (int i = 0; i < whole; i += Parts)
        {
            for (int part = 0; part < Parts; part++)
            {
                parts[part] += KernelMath.Exp(x[i + part] - shift);
            }
        }

        float sum = 0f;
        for (int part = 0; part < Parts; part++)
        {
            sum += parts[part];
        }

        for (int i = whole; i < n; i++)
        {
            sum += KernelMath.Exp(x[i] - shift);
        }

        return sum;
    }
}
