namespace Thor.Kernels.Kernels;

/// <summary>For kernels: what reductions do with 32-bit words. The operation is a constant where a kernel is compiled.</summary>
internal static class ReduceMath
{
    /// <summary>Added to the number of an operation on ints.</summary>
    public const int Integer = 32;

    /// <summary>What a reduction starts from.</summary>
    public static int Identity(int operation)
    {
        int kind = operation % Integer;
        return kind == (int)ReduceOperation.Maximum ? int.MinValue : (kind == (int)ReduceOperation.Minimum ? int.MaxValue : 0);
    }

    /// <summary>An element on its way in.</summary>
    public static int Enter(int operation, int word)
    {
        int result = word;
        if (operation == (int)ReduceOperation.SumOfSquares)
        {
            float x = Interop.IntAsFloat(word);
            result = Interop.FloatAsInt(x * x);
        }
        else if (operation == (int)ReduceOperation.SumOfSquares + Integer)
        {
            result = word * word;
        }
        else if (operation == (int)ReduceOperation.Maximum)
        {
            result = Order(word, int.MaxValue);
        }
        else if (operation == (int)ReduceOperation.Minimum)
        {
            result = Order(word, int.MinValue);
        }

        return result;
    }

    /// <summary>Two partial results into one.</summary>
    public static int Combine(int operation, int a, int b)
    {
        int kind = operation % Integer;
        int result;
        if (kind == (int)ReduceOperation.Maximum)
        {
            result = XMath.Max(a, b);
        }
        else if (kind == (int)ReduceOperation.Minimum)
        {
            result = XMath.Min(a, b);
        }
        else
        {
            result = operation >= Integer ? a + b : Interop.FloatAsInt(Interop.IntAsFloat(a) + Interop.IntAsFloat(b));
        }

        return result;
    }

    /// <summary>A result on its way out.</summary>
    public static int Leave(int operation, int word, int count)
    {
        int result = word;
        if (operation == (int)ReduceOperation.Mean)
        {
            result = Interop.FloatAsInt(Interop.IntAsFloat(word) / (float)count);
        }
        else if (operation == (int)ReduceOperation.Mean + Integer)
        {
            result = word / count;
        }
        else if (operation == (int)ReduceOperation.Maximum || operation == (int)ReduceOperation.Minimum)
        {
            result = Turn(word);
        }

        return result;
    }

    /// <summary>
    /// An int that is ordered as the float of a word is, the lower zero with it, and NaN as told: largest and smallest of floats then are those of ints, which
    /// every device has lanes for.
    /// </summary>
    public static int Order(int word, int ofNaN) => XMath.IsNaN(Interop.IntAsFloat(word)) ? ofNaN : Turn(word);

    // Magnitudes of negative floats grow downwards. What both extreme ints turn into is NaN.
    private static int Turn(int word) => word ^ ((word >> 31) & 0x7fffffff);
}
