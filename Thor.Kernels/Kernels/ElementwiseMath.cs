namespace Thor.Kernels.Kernels;

/// <summary>
/// For kernels: element-wise functions of 32-bit words. The operation is a constant where a kernel is compiled, so that one function is
/// left of each switch.
/// </summary>
internal static class ElementwiseMath
{
    private const int Integer = ElementOperation.Integer;

    /// <summary>A word as it is, or converted.</summary>
    /// <param name="operation">Copy, ToInteger or ToFloat of <see cref="ElementOperation"/>.</param>
    /// <param name="word">The word.</param>
    public static int Move(int operation, int word)
    {
        int result = word;
        if (operation == ElementOperation.ToInteger)
        {
            result = (int)Interop.IntAsFloat(word);
        }
        else if (operation == ElementOperation.ToFloat)
        {
            result = Interop.FloatAsInt((float)word);
        }

        return result;
    }

    /// <summary>A function of one word.</summary>
    /// <param name="operation">Of <see cref="ElementOperation"/>.</param>
    /// <param name="word">The argument.</param>
    /// <param name="one">1, unknown to the compiler; see <see cref="RowLoop.One"/>.</param>
    public static int Unary(int operation, int word, float one)
    {
        int result;
        if (operation >= ElementOperation.Copy)
        {
            result = Move(operation, word);
        }
        else
        {
            result = operation >= Integer
                ? UnaryInteger(operation - Integer, word)
                : Interop.FloatAsInt(UnaryFloat(operation, Interop.IntAsFloat(word), one));
        }

        return result;
    }

    /// <summary>A function of two words.</summary>
    /// <param name="operation">Of <see cref="ElementOperation"/>.</param>
    /// <param name="a">First argument.</param>
    /// <param name="b">Second argument.</param>
    /// <param name="factor">What the first argument of AddScaled is multiplied by.</param>
    /// <param name="one">1, unknown to the compiler; see <see cref="RowLoop.One"/>.</param>
    public static int Binary(int operation, int a, int b, int factor, float one)
    {
        int result;
        if (operation == ElementOperation.AddScaled)
        {
            result = Interop.FloatAsInt((Interop.IntAsFloat(factor) * Interop.IntAsFloat(a)) + Interop.IntAsFloat(b));
        }
        else if (operation == ElementOperation.AddScaledInteger)
        {
            result = (factor * a) + b;
        }
        else
        {
            result = operation >= Integer
                ? BinaryInteger(operation - Integer, a, b)
                : Interop.FloatAsInt(BinaryFloat(operation, Interop.IntAsFloat(a), Interop.IntAsFloat(b), one));
        }

        return result;
    }

    private static float UnaryFloat(int operation, float x, float one)
    {
        float y;
        switch ((UnaryOperation)operation)
        {
            case UnaryOperation.Negate:
                y = -x;
                break;
            case UnaryOperation.Absolute:
                y = XMath.Abs(x);
                break;
            case UnaryOperation.Sign:
                y = x > 0f ? 1f : (x < 0f ? -1f : x);
                break;
            case UnaryOperation.Square:
                y = x * x;
                break;
            case UnaryOperation.SquareRoot:
                y = XMath.Sqrt(x);
                break;
            case UnaryOperation.ReciprocalSquareRoot:
                y = 1f / XMath.Sqrt(x);
                break;
            case UnaryOperation.Reciprocal:
                y = 1f / x;
                break;
            case UnaryOperation.Exponential:
                y = KernelMath.Exp(x);
                break;
            case UnaryOperation.Logarithm:
                y = KernelMath.Log(x);
                break;
            case UnaryOperation.Sine:
                y = KernelMath.Sin(x);
                break;
            case UnaryOperation.Cosine:
                y = KernelMath.Cos(x);
                break;
            case UnaryOperation.Tanh:
                y = KernelMath.Tanh(x);
                break;
            case UnaryOperation.Sigmoid:
                y = KernelMath.Sigmoid(x);
                break;
            case UnaryOperation.Relu:
                y = x < 0f ? 0f : x;
                break;
            case UnaryOperation.Gelu:
                y = KernelMath.Gelu(x);
                break;
            case UnaryOperation.Erf:
                y = KernelMath.Erf(x);
                break;
            case UnaryOperation.Softplus:
                y = KernelMath.Softplus(x);
                break;
            case UnaryOperation.Step:
                y = x > 0f ? one : 0f;
                break;
            default:
                y = XMath.IsFinite(x) ? one : 0f;
                break;
        }

        return y;
    }

    private static int UnaryInteger(int operation, int x)
    {
        int y;
        switch ((UnaryOperation)operation)
        {
            case UnaryOperation.Negate:
                y = -x;
                break;
            case UnaryOperation.Absolute:
                y = x < 0 ? -x : x;
                break;
            case UnaryOperation.Sign:
                y = x > 0 ? 1 : (x < 0 ? -1 : 0);
                break;
            case UnaryOperation.Square:
                y = x * x;
                break;
            case UnaryOperation.Relu:
                y = x < 0 ? 0 : x;
                break;
            default:
                y = x > 0 ? 1 : 0;
                break;
        }

        return y;
    }

    private static float BinaryFloat(int operation, float a, float b, float one)
    {
        float y;
        switch ((BinaryOperation)operation)
        {
            case BinaryOperation.Add:
                y = a + b;
                break;
            case BinaryOperation.Subtract:
                y = a - b;
                break;
            case BinaryOperation.Multiply:
                y = a * b;
                break;
            case BinaryOperation.Divide:
                y = a / b;
                break;
            case BinaryOperation.Maximum:
                y = XMath.Max(a, b);
                break;
            case BinaryOperation.Minimum:
                y = XMath.Min(a, b);
                break;
            case BinaryOperation.Power:
                y = KernelMath.Pow(a, b);
                break;
            case BinaryOperation.Greater:
                y = a > b ? one : 0f;
                break;
            case BinaryOperation.GreaterOrEqual:
                y = a >= b ? one : 0f;
                break;
            case BinaryOperation.Equal:
                y = a == b ? one : 0f;
                break;
            case BinaryOperation.ReluGradient:
                y = a > 0f ? b : 0f;
                break;
            case BinaryOperation.GeluGradient:
                y = b * KernelMath.GeluSlope(a);
                break;
            case BinaryOperation.TanhGradient:
                y = b * (1f - (a * a));
                break;
            default:
                y = b * (a * (1f - a));
                break;
        }

        return y;
    }

    private static int BinaryInteger(int operation, int a, int b)
    {
        int y;
        switch ((BinaryOperation)operation)
        {
            case BinaryOperation.Add:
                y = a + b;
                break;
            case BinaryOperation.Subtract:
                y = a - b;
                break;
            case BinaryOperation.Multiply:
                y = a * b;
                break;
            case BinaryOperation.Maximum:
                y = XMath.Max(a, b);
                break;
            case BinaryOperation.Minimum:
                y = XMath.Min(a, b);
                break;
            case BinaryOperation.Greater:
                y = a > b ? 1 : 0;
                break;
            case BinaryOperation.GreaterOrEqual:
                y = a >= b ? 1 : 0;
                break;
            case BinaryOperation.Equal:
                y = a == b ? 1 : 0;
                break;
            default:
                y = a > 0 ? b : 0;
                break;
        }

        return y;
    }
}
