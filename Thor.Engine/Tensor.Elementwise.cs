using Thor.Kernels;

namespace Thor.Engine;

/// <content>Element-wise arithmetic with broadcasting.</content>
public sealed partial class Tensor
{
    /// <summary>a + b, broadcast.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Map(BinaryOperation.Add, a, b);

    /// <summary>a - b, broadcast.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => Map(BinaryOperation.Subtract, a, b);

    /// <summary>a * b element by element, broadcast.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => Map(BinaryOperation.Multiply, a, b);

    /// <summary>a / b element by element, broadcast.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => Map(BinaryOperation.Divide, a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, double b) => Map(BinaryOperation.Add, a, b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(Tensor a, double b) => Map(BinaryOperation.Subtract, a, b);

    /// <summary>a * b.</summary>
    public static Tensor operator *(Tensor a, double b) => Map(BinaryOperation.Multiply, a, b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(Tensor a, double b) => Map(BinaryOperation.Divide, a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(double a, Tensor b) => Map(BinaryOperation.Add, a, b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(double a, Tensor b) => Map(BinaryOperation.Subtract, a, b);

    /// <summary>a * b.</summary>
    public static Tensor operator *(double a, Tensor b) => Map(BinaryOperation.Multiply, a, b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(double a, Tensor b) => Map(BinaryOperation.Divide, a, b);

    /// <summary>-x.</summary>
    public static Tensor operator -(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Map(UnaryOperation.Negate);
    }

    /// <summary>A new tensor op(this).</summary>
    /// <exception cref="ShapeException">The element type is Int32 and the operation is not arithmetic.</exception>
    public Tensor Map(UnaryOperation operation)
    {
        RequireSupport(operation);
        Tensor y = EmptyLike(Shape);
        Backend.Map(operation, this, y);
        return y;
    }

    /// <summary>Replaces every element by op(element).</summary>
    /// <returns>This tensor.</returns>
    /// <exception cref="ShapeException">The element type is Int32 and the operation is not arithmetic.</exception>
    public Tensor MapInPlace(UnaryOperation operation)
    {
        RequireSupport(operation);
        RequireWritable(operation.ToString());
        Backend.Map(operation, this, this);
        return this;
    }

    /// <summary>A new tensor op(a, b) in the shape that both broadcast to.</summary>
    /// <exception cref="ShapeException">Shapes do not broadcast, devices or element types differ, or the operation needs floating point.</exception>
    public static Tensor Map(BinaryOperation operation, Tensor a, Tensor b)
    {
        RequireSupport(operation, a, b);
        Shape shape = a.Shape == b.Shape ? a.Shape : Shape.Broadcast(a.Shape, b.Shape, operation.ToString());
        Tensor y = a.EmptyLike(shape);
        a.Backend.Map(operation, a.BroadcastTo(shape), b.BroadcastTo(shape), y);
        return y;
    }

    /// <summary>A new tensor op(a, b) with the same b everywhere.</summary>
    public static Tensor Map(BinaryOperation operation, Tensor a, double b)
    {
        RequireSupport(operation, a, a);
        Tensor y = a.EmptyLike(a.Shape);
        a.Backend.Map(operation, a, b, y);
        return y;
    }

    /// <summary>A new tensor op(a, b) with the same a everywhere.</summary>
    public static Tensor Map(BinaryOperation operation, double a, Tensor b)
    {
        RequireSupport(operation, b, b);
        Tensor y = b.EmptyLike(b.Shape);
        b.Backend.Map(operation, a, b, y);
        return y;
    }

    /// <summary>this = op(this, b), b broadcast to this shape.</summary>
    /// <returns>This tensor.</returns>
    public Tensor MapInPlace(BinaryOperation operation, Tensor b)
    {
        RequireSupport(operation, this, b);
        RequireWritable(operation.ToString());
        Backend.Map(operation, this, Apart(b.BroadcastTo(Shape)), this);
        return this;
    }

    /// <summary>this = op(this, b).</summary>
    /// <returns>This tensor.</returns>
    public Tensor MapInPlace(BinaryOperation operation, double b)
    {
        RequireSupport(operation, this, this);
        RequireWritable(operation.ToString());
        Backend.Map(operation, this, b, this);
        return this;
    }

    /// <summary>y = op(a, b) for a result that exists; y may be an operand itself.</summary>
    /// <returns>y.</returns>
    /// <exception cref="ShapeException">Operands do not have the shape of y or do not match it in device or element type, or y is not contiguous.</exception>
    public static Tensor MapInto(BinaryOperation operation, Tensor a, Tensor b, Tensor y)
    {
        RequireSupport(operation, a, b);
        RequireSupport(operation, a, y);
        if (a.Shape != y.Shape || b.Shape != y.Shape || !y.IsContiguous)
        {
            ShapeException.Throw(operation.ToString(), $"the result {y.Shape} must be contiguous and of the operands' shape, {a.Shape} and {b.Shape}");
        }

        y.Backend.Map(operation, y.Apart(a), y.Apart(b), y);
        return y;
    }

    /// <summary>this += alpha x, x broadcast to this shape.</summary>
    /// <returns>This tensor.</returns>
    public Tensor AddInPlace(Tensor x, double alpha = 1)
    {
        RequireSupport(BinaryOperation.Add, this, x);
        RequireWritable("AddInPlace");
        Tensor spread = Apart(x.BroadcastTo(Shape));
        if (IsContiguous)
        {
            Backend.AddScaled(alpha, spread, this);
        }
        else
        {
            Backend.Map(BinaryOperation.Add, this, alpha == 1 ? spread : spread * alpha, this);
        }

        return this;
    }

    /// <summary>A new tensor: a where the condition is not 0, else b; all three broadcast together.</summary>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b)
    {
        RequireSameKind("Where", condition, a);
        RequireSameKind("Where", a, b);
        Shape shape = Shape.Broadcast(Shape.Broadcast(condition.Shape, a.Shape, "Where"), b.Shape, "Where");
        Tensor y = a.EmptyLike(shape);
        a.Backend.Select(condition.BroadcastTo(shape), a.BroadcastTo(shape), b.BroadcastTo(shape), y);
        return y;
    }

    private static void RequireSupport(BinaryOperation operation, Tensor a, Tensor b)
    {
        RequireSameKind(operation.ToString(), a, b);
        bool arithmetic = operation is BinaryOperation.Add or BinaryOperation.Subtract or BinaryOperation.Multiply
            or BinaryOperation.Maximum or BinaryOperation.Minimum
            or BinaryOperation.Greater or BinaryOperation.GreaterOrEqual or BinaryOperation.Equal;
        if (!arithmetic)
        {
            RequireFloating(operation.ToString(), a);
        }
    }

    private void RequireSupport(UnaryOperation operation)
    {
        if (operation is not (UnaryOperation.Negate or UnaryOperation.Absolute or UnaryOperation.Sign
            or UnaryOperation.Square or UnaryOperation.Relu or UnaryOperation.Step))
        {
            RequireFloating(operation.ToString(), this);
        }
    }

    /// <summary>Writing through a broadcast view would write one element many times.</summary>
    private void RequireWritable(string operation)
    {
        for (int i = 0; i < Rank; i++)
        {
            if (_strides[i] == 0 && Shape.Extents[i] > 1)
            {
                ShapeException.Throw(operation, $"the result cannot be written through a broadcast view {Shape}");
            }
        }
    }

    /// <summary>An operand that may be read while this tensor is written: itself, or a copy if it overlaps in another layout.</summary>
    private Tensor Apart(Tensor x)
    {
        bool same = x._memory != _memory || (x.Offset == Offset && x.Strides.SequenceEqual(Strides));
        return same ? x : x.Clone();
    }
}
