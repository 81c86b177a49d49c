namespace Thor.Kernels.Kernels;

/// <summary>For kernels: what reductions do with 32-bit words. The operation is a constant where a kernel is compiled.</summary>
internal static class ReduceMath
{
    /// <summary>Added to the number of an operation on ints.</summary>
    public const int Integer = 32;

    /// <summary>What a reduction starts from.</summary>
    public static int Identity(int operation)
    {
        int word = 0;
        if (operation == (int)ReduceOperation.Maximum)
        {
            word = Interop.FloatAsInt(float.NegativeInfinity);
        }
        else if (operation == (int)ReduceOperation.Minimum)
        {
            word = Interop.FloatAsInt(float.PositiveInfinity);
        }
        else if (operation == (int)ReduceOperation.Maximum + Integer)
        {
            word = int.MinValue;
        }
        else if (operation == (int)ReduceOperation.Minimum + Integer)
        {
            word = int.MaxValue;
        }

        return word;
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

        return result;
    }

    /// <summary>Two partial results into one.</summary>
    public static int Combine(int operation, int a, int b)
    {
        int result;
        if (operation >= Integer)
        {
            int kind = operation - Integer;
            result = kind == (int)ReduceOperation.Maximum ? XMath.Max(a, b) : (kind == (int)ReduceOperation.Minimum ? XMath.Min(a, b) : a + b);
        }
        else
        {
            float x = Interop.IntAsFloat(a);
            float y = Interop.IntAsFloat(b);
            float z = operation == (int)ReduceOperation.Maximum ? XMath.Max(x, y) : (operation == (int)ReduceOperation.Minimum ? XMath.Min(x, y) : x + y);
            result = Interop.FloatAsInt(z);
        }

        return result;
    }

    /// <summary>A result on its way out: a mean is divided, all else is itself.</summary>
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

        return result;
    }
}
