using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Element-wise functions of float, double and int over contiguous runs.</summary>
public static unsafe class Elementwise
{
    /// <summary>y = op(x); y may be x.</summary>
    public static void Map<T>(UnaryOperation operation, T* x, T* y, long n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (long i = 0; i < n; i++)
        {
            y[i] = One(operation, x[i]);
        }
    }

    /// <summary>y = op(x) for integers; y may be x.</summary>
    public static void Map(UnaryOperation operation, int* x, int* y, long n)
    {
        for (long i = 0; i < n; i++)
        {
            int v = x[i];
            y[i] = operation switch
            {
                UnaryOperation.Negate => -v,
                UnaryOperation.Absolute => v < 0 ? -v : v,
                UnaryOperation.Sign => Math.Sign(v),
                UnaryOperation.Square => v * v,
                UnaryOperation.Relu => Math.Max(v, 0),
                UnaryOperation.Step => v > 0 ? 1 : 0,
                _ => throw new NotSupportedException($"{operation} is not defined for Int32."),
            };
        }
    }

    /// <summary>y = op(a, b), stepping through a and b; y may be an operand.</summary>
    public static void Map<T>(BinaryOperation operation, T* a, long stepA, T* b, long stepB, T* y, long n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (long i = 0; i < n; i++)
        {
            y[i] = One(operation, a[i * stepA], b[i * stepB]);
        }
    }

    /// <summary>y = op(a, b) for integers.</summary>
    public static void Map(BinaryOperation operation, int* a, long stepA, int* b, long stepB, int* y, long n)
    {
        for (long i = 0; i < n; i++)
        {
            int u = a[i * stepA];
            int v = b[i * stepB];
            y[i] = operation switch
            {
                BinaryOperation.Add => u + v,
                BinaryOperation.Subtract => u - v,
                BinaryOperation.Multiply => u * v,
                BinaryOperation.Maximum => Math.Max(u, v),
                BinaryOperation.Minimum => Math.Min(u, v),
                BinaryOperation.Greater => u > v ? 1 : 0,
                BinaryOperation.GreaterOrEqual => u >= v ? 1 : 0,
                BinaryOperation.Equal => u == v ? 1 : 0,
                _ => throw new NotSupportedException($"{operation} is not defined for Int32."),
            };
        }
    }

    private static T One<T>(UnaryOperation operation, T x)
        where T : IFloatingPointIeee754<T> => operation switch
        {
            UnaryOperation.Negate => -x,
            UnaryOperation.Absolute => T.Abs(x),
            UnaryOperation.Sign => x > T.Zero ? T.One : x < T.Zero ? -T.One : x,
            UnaryOperation.Square => x * x,
            UnaryOperation.SquareRoot => T.Sqrt(x),
            UnaryOperation.ReciprocalSquareRoot => T.One / T.Sqrt(x),
            UnaryOperation.Reciprocal => T.One / x,
            UnaryOperation.Exponential => T.Exp(x),
            UnaryOperation.Logarithm => T.Log(x),
            UnaryOperation.Sine => T.Sin(x),
            UnaryOperation.Cosine => T.Cos(x),
            UnaryOperation.Tanh => T.Tanh(x),
            UnaryOperation.Sigmoid => T.One / (T.One + T.Exp(-x)),
            UnaryOperation.Relu => T.Max(x, T.Zero),
            UnaryOperation.Gelu => x * T.CreateTruncating(Gaussian(double.CreateTruncating(x))),
            UnaryOperation.Erf => T.CreateTruncating(Erf(double.CreateTruncating(x))),
            UnaryOperation.Softplus => T.Max(x, T.Zero) + T.LogP1(T.Exp(-T.Abs(x))),
            UnaryOperation.Step => x > T.Zero ? T.One : T.Zero,
            UnaryOperation.IsFinite => T.IsFinite(x) ? T.One : T.Zero,
            _ => throw new NotSupportedException($"There is no element-wise operation {operation}."),
        };

    private static T One<T>(BinaryOperation operation, T a, T b)
        where T : IFloatingPointIeee754<T> => operation switch
        {
            BinaryOperation.Add => a + b,
            BinaryOperation.Subtract => a - b,
            BinaryOperation.Multiply => a * b,
            BinaryOperation.Divide => a / b,
            BinaryOperation.Maximum => T.Max(a, b),
            BinaryOperation.Minimum => T.Min(a, b),
            BinaryOperation.Power => T.Pow(a, b),
            BinaryOperation.Greater => a > b ? T.One : T.Zero,
            BinaryOperation.GreaterOrEqual => a >= b ? T.One : T.Zero,
            BinaryOperation.Equal => a == b ? T.One : T.Zero,
            BinaryOperation.ReluGradient => a > T.Zero ? b : T.Zero,
            BinaryOperation.GeluGradient => b * T.CreateTruncating(GeluSlope(double.CreateTruncating(a))),
            BinaryOperation.TanhGradient => b * (T.One - (a * a)),
            BinaryOperation.SigmoidGradient => b * a * (T.One - a),
            _ => throw new NotSupportedException($"There is no element-wise operation {operation}."),
        };

    private static double Gaussian(double x) => 0.5 * (1 + Erf(x / Math.Sqrt(2)));

    private static double GeluSlope(double x) => Gaussian(x) + (x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI));

    /// <summary>Maclaurin series near zero, continued fraction of the complement further out.</summary>
    private static double Erf(double x)
    {
        double u = Math.Abs(x);
        if (double.IsNaN(x))
        {
            return x;
        }

        if (u < 2.5)
        {
            double term = u;
            double sum = u;
            for (int k = 1; k < 80; k++)
            {
                term *= -u * u / k;
                sum += term / ((2 * k) + 1);
            }

            return Math.CopySign(2 / Math.Sqrt(Math.PI) * sum, x);
        }

        double fraction = u;
        for (int k = 60; k > 0; k--)
        {
            fraction = u + (0.5 * k / fraction);
        }

        return Math.CopySign(u > 6.5 ? 1 : 1 - (Math.Exp(-u * u) / (fraction * Math.Sqrt(Math.PI))), x);
    }
}
