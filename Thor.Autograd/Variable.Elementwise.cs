using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd;

/// <content>Functions of one argument, element by element.</content>
public partial class Variable
{
    /// <summary>This raised to a constant power.</summary>
    public Variable Pow(double exponent) => exponent switch
    {
        1 => this,
        2 => Square(),
        _ => Node.Record("Pow", Tensor.Map(BinaryOperation.Power, Value, exponent), this, g => exponent == 0 ? g * 0 : g * (Pow(exponent - 1) * exponent)),
    };

    /// <summary>x * x.</summary>
    public Variable Square() => Node.Record("Square", Value.Map(UnaryOperation.Square), this, g => g * this * 2);

    /// <summary>The square root.</summary>
    public Variable Sqrt() => Node.RecordByResult("Sqrt", Value.Map(UnaryOperation.SquareRoot), this, static (y, g) => g * 0.5 / y);

    /// <summary>e^x.</summary>
    public Variable Exp() => Node.RecordByResult("Exp", Value.Map(UnaryOperation.Exponential), this, static (y, g) => g * y);

    /// <summary>The natural logarithm.</summary>
    public Variable Log() => Node.Record("Log", Value.Map(UnaryOperation.Logarithm), this, g => g / this);

    /// <summary>|x|; its derivative at 0 is taken as 0.</summary>
    public Variable Abs() => Node.Record("Abs", Value.Map(UnaryOperation.Absolute), this, g => g * Value.Map(UnaryOperation.Sign));

    /// <summary>The sine of x in radians.</summary>
    public Variable Sin() => Node.Record("Sin", Value.Map(UnaryOperation.Sine), this, g => g * Cos());

    /// <summary>The cosine of x in radians.</summary>
    public Variable Cos() => Node.Record("Cos", Value.Map(UnaryOperation.Cosine), this, g => -(g * Sin()));

    /// <summary>The error function.</summary>
    public Variable Erf() => Node.Record("Erf", Value.Map(UnaryOperation.Erf), this, g => g * ((-Square()).Exp() * (2 / Math.Sqrt(Math.PI))));

    /// <summary>log(1 + e^x), without overflow.</summary>
    public Variable Softplus() => Node.Record("Softplus", Value.Map(UnaryOperation.Softplus), this, g => g * Sigmoid());

    /// <summary>The hyperbolic tangent.</summary>
    public Variable Tanh() => Node.RecordByResult(
        "Tanh",
        Value.Map(UnaryOperation.Tanh),
        this,
        static (y, g) => Gradients.Enabled ? g * (1 - y.Square()) : FusedGradient(BinaryOperation.TanhGradient, y.Value, g.Value));

    /// <summary>1 / (1 + e^-x).</summary>
    public Variable Sigmoid() => Node.RecordByResult(
        "Sigmoid",
        Value.Map(UnaryOperation.Sigmoid),
        this,
        static (y, g) => Gradients.Enabled ? g * (y * (1 - y)) : FusedGradient(BinaryOperation.SigmoidGradient, y.Value, g.Value));

    /// <summary>max(x, 0); its derivative at 0 is taken as 0.</summary>
    public Variable Relu()
    {
        Tensor y = Value.Map(UnaryOperation.Relu);
        return Node.Record("Relu", y, this, g => Gradients.Enabled ? g.PassWherePositive(y) : FusedGradient(BinaryOperation.ReluGradient, y, g.Value));
    }

    /// <summary>x Phi(x), with Phi the exact Gaussian distribution function.</summary>
    public Variable Gelu() => Node.Record(
        "Gelu",
        Value.Map(UnaryOperation.Gelu),
        this,
        g => Gradients.Enabled ? g * GeluSlope() : FusedGradient(BinaryOperation.GeluGradient, Value, g.Value));

    /// <summary>This where y is positive, else 0: linear, and its own adjoint.</summary>
    private Variable PassWherePositive(Tensor y) =>
        Node.Record("ReluGradient", Tensor.Map(BinaryOperation.ReluGradient, y, Value), this, g => g.PassWherePositive(y));

    /// <summary>Whether nothing else sees the memory of a gradient, which a backward pass that records nothing gives up.</summary>
    private static bool MayOverwrite(Tensor gradient) => gradient.IsContiguous && gradient.OwnsMemory;

    /// <summary>
    /// op(saved, gradient), written over the gradient where nothing else sees its memory: a backward pass that records nothing gives it up.
    /// Saves a buffer's worth of memory traffic per activation.
    /// </summary>
    private static Tensor FusedGradient(BinaryOperation operation, Tensor saved, Tensor gradient) =>
        MayOverwrite(gradient) && saved.IsContiguous
            ? Tensor.MapInto(operation, saved, gradient, gradient)
            : Tensor.Map(operation, saved, gradient);

    /// <summary>Phi(x) + x phi(x).</summary>
    private Variable GeluSlope()
    {
        Variable distribution = ((this * (1 / Math.Sqrt(2))).Erf() + 1) * 0.5;
        Variable density = (Square() * -0.5).Exp() * (1 / Math.Sqrt(2 * Math.PI));
        return distribution + (this * density);
    }
}
