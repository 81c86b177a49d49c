namespace Thor.Kernels;

/// <summary>Element-wise functions of one argument.</summary>
public enum UnaryOperation
{
    /// <summary>-x.</summary>
    Negate,

    /// <summary>|x|.</summary>
    Absolute,

    /// <summary>-1, 0 or 1; NaN for NaN.</summary>
    Sign,

    /// <summary>x * x.</summary>
    Square,

    /// <summary>Square root; NaN below zero.</summary>
    SquareRoot,

    /// <summary>1 / sqrt(x).</summary>
    ReciprocalSquareRoot,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>e^x.</summary>
    Exponential,

    /// <summary>Natural logarithm.</summary>
    Logarithm,

    /// <summary>Sine of x in radians.</summary>
    Sine,

    /// <summary>Cosine of x in radians.</summary>
    Cosine,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>max(x, 0); NaN stays NaN.</summary>
    Relu,

    /// <summary>x * Phi(x) with the exact Gaussian distribution function, not the tanh approximation.</summary>
    Gelu,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>log(1 + e^x), without overflow.</summary>
    Softplus,

    /// <summary>1 where x &gt; 0, else 0.</summary>
    Step,

    /// <summary>1 where x is finite, else 0.</summary>
    IsFinite,
}

/// <summary>Element-wise functions of two arguments, and the first-order backward functions of activations.</summary>
public enum BinaryOperation
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Subtract,

    /// <summary>a * b.</summary>
    Multiply,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>The larger; NaN if either is NaN.</summary>
    Maximum,

    /// <summary>The smaller; NaN if either is NaN.</summary>
    Minimum,

    /// <summary>a raised to b.</summary>
    Power,

    /// <summary>1 where a &gt; b, else 0.</summary>
    Greater,

    /// <summary>1 where a &gt;= b, else 0.</summary>
    GreaterOrEqual,

    /// <summary>1 where a = b, else 0.</summary>
    Equal,

    /// <summary>a = output (or input) of ReLU, b = gradient: b where a &gt; 0, else 0.</summary>
    ReluGradient,

    /// <summary>a = input of GELU, b = gradient: b (Phi(a) + a phi(a)).</summary>
    GeluGradient,

    /// <summary>a = output of tanh, b = gradient: b (1 - a^2).</summary>
    TanhGradient,

    /// <summary>a = output of the sigmoid, b = gradient: b a (1 - a).</summary>
    SigmoidGradient,
}

/// <summary>Reductions over one or more axes. Sums accumulate in the element type, pairwise in fixed blocks, so the result does not depend on the number of threads.</summary>
public enum ReduceOperation
{
    /// <summary>Sum of the elements.</summary>
    Sum,

    /// <summary>Arithmetic mean.</summary>
    Mean,

    /// <summary>Largest element; NaN if any is NaN.</summary>
    Maximum,

    /// <summary>Smallest element; NaN if any is NaN.</summary>
    Minimum,

    /// <summary>Sum of the squares.</summary>
    SumOfSquares,
}
