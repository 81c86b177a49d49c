using Thor.Autograd.Losses;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd;

/// <content>Arithmetic. Shapes broadcast as those of tensors do; gradients are summed back to the shapes of the operands.</content>
public partial class Variable
{
    /// <summary>a + b.</summary>
    public static Variable operator +(Variable a, Variable b) =>
        Node.Record("Add", a.Value + b.Value, a, b, g => g.SumTo(a.Shape), g => g.SumTo(b.Shape)).From(LossOrigin.OfSum(a.Origin, b.Origin));

    /// <summary>a - b.</summary>
    public static Variable operator -(Variable a, Variable b) =>
        Node.Record("Subtract", a.Value - b.Value, a, b, g => g.SumTo(a.Shape), g => -g.SumTo(b.Shape)).From(LossOrigin.OfSum(a.Origin, b.Origin));

    /// <summary>a * b, element by element.</summary>
    public static Variable operator *(Variable a, Variable b) =>
        Node.Record("Multiply", a.Value * b.Value, a, b, g => (g * b).SumTo(a.Shape), g => (g * a).SumTo(b.Shape));

    /// <summary>a / b.</summary>
    public static Variable operator /(Variable a, Variable b) =>
        Node.Record("Divide", a.Value / b.Value, a, b, g => (g / b).SumTo(a.Shape), g => -(g * a / b.Square()).SumTo(b.Shape));

    /// <summary>-a.</summary>
    public static Variable operator -(Variable a) => Node.Record("Negate", -a.Value, a, static g => -g).From(a.Origin?.Times(-1));

    /// <summary>a + b.</summary>
    public static Variable operator +(Variable a, double b) => Node.Record("Add", a.Value + b, a, static g => g).From(a.Origin);

    /// <summary>a + b.</summary>
    public static Variable operator +(double a, Variable b) => b + a;

    /// <summary>a - b.</summary>
    public static Variable operator -(Variable a, double b) => Node.Record("Subtract", a.Value - b, a, static g => g).From(a.Origin);

    /// <summary>a - b.</summary>
    public static Variable operator -(double a, Variable b) => Node.Record("Subtract", a - b.Value, b, static g => -g);

    /// <summary>a * b.</summary>
    public static Variable operator *(Variable a, double b) => Node.Record("Multiply", a.Value * b, a, g => g * b).From(a.Origin?.Times(b));

    /// <summary>a * b.</summary>
    public static Variable operator *(double a, Variable b) => b * a;

    /// <summary>a / b.</summary>
    public static Variable operator /(Variable a, double b) => Node.Record("Divide", a.Value / b, a, g => g / b).From(a.Origin?.Times(1 / b));

    /// <summary>a / b.</summary>
    public static Variable operator /(double a, Variable b) => Node.Record("Divide", a / b.Value, b, g => g * -a / b.Square());

    /// <summary>The larger of each pair. Where both are equal each gets half of the gradient.</summary>
    public static Variable Maximum(Variable a, Variable b) => Choose("Maximum", BinaryOperation.Maximum, a, b);

    /// <summary>The smaller of each pair. Where both are equal each gets half of the gradient.</summary>
    public static Variable Minimum(Variable a, Variable b) => Choose("Minimum", BinaryOperation.Minimum, a, b);

    /// <summary>a where the condition is not 0, else b.</summary>
    /// <param name="condition">Numbers of the element type of the operands, such as masks are.</param>
    /// <param name="a">Taken where the condition holds.</param>
    /// <param name="b">Taken elsewhere.</param>
    public static Variable Where(Tensor condition, Variable a, Variable b)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Node.Record(
            "Where",
            Tensor.Where(condition, a.Value, b.Value),
            a,
            b,
            g => Where(condition, g, Tensor.Scalar(0, g.DType, g.Device)).SumTo(a.Shape),
            g => Where(condition, Tensor.Scalar(0, g.DType, g.Device), g).SumTo(b.Shape));
    }

    private static Variable Choose(string name, BinaryOperation operation, Variable a, Variable b)
    {
        Tensor value = Tensor.Map(operation, a.Value, b.Value);
        return Node.Record(name, value, a, b, g => (g * ShareOf(value, a.Value, b.Value)).SumTo(a.Shape), g => (g * ShareOf(value, b.Value, a.Value)).SumTo(b.Shape));
    }

    /// <summary>1 where only the first operand is the result, 1/2 where both are, else 0.</summary>
    private static Variable ShareOf(Tensor value, Tensor first, Tensor second)
    {
        Tensor isFirst = Tensor.Map(BinaryOperation.Equal, value, first);
        Tensor isSecond = Tensor.Map(BinaryOperation.Equal, value, second);
        return isFirst * (1.0 - (isSecond * 0.5));
    }
}
