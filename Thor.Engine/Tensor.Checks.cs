namespace Thor.Engine;

/// <content>What operations demand of their operands before any work starts.</content>
public sealed partial class Tensor
{
    /// <summary>Demands that two operands live on one device.</summary>
    internal static void RequireSameDevice(string operation, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Device != b.Device)
        {
            ShapeException.Throw(operation, $"operands are on different devices, {a} and {b}; move one with To");
        }
    }

    /// <summary>Demands one device and one element type.</summary>
    internal static void RequireSameKind(string operation, Tensor a, Tensor b)
    {
        RequireSameDevice(operation, a, b);
        if (a.DType != b.DType)
        {
            ShapeException.Throw(operation, $"operands have different element types, {a} and {b}; convert one with Cast");
        }
    }

    /// <summary>Demands one device, one element type and one shape.</summary>
    internal static void RequireSameForm(string operation, Tensor a, Tensor b)
    {
        RequireSameKind(operation, a, b);
        if (a.Shape != b.Shape)
        {
            ShapeException.Throw(operation, $"shapes differ, {a.Shape} and {b.Shape}");
        }
    }

    /// <summary>Demands Float32 or Float64.</summary>
    internal static void RequireFloating(string operation, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!x.DType.IsFloating())
        {
            ShapeException.Throw(operation, $"needs Float32 or Float64, got {x}");
        }
    }

    /// <summary>Demands Int32 ids or labels on the device of the other operand.</summary>
    internal static void RequireIds(string operation, Tensor ids, Tensor other)
    {
        RequireSameDevice(operation, ids, other);
        if (ids.DType != DType.Int32)
        {
            ShapeException.Throw(operation, $"ids and labels are Int32, got {ids}");
        }
    }

    /// <summary>Demands a vector of the element type and device of another operand.</summary>
    internal static void RequireVector(string operation, string name, Tensor vector, int length, Tensor other)
    {
        RequireSameKind(operation, vector, other);
        if (vector.Rank != 1 || vector.Shape.Extents[0] != length)
        {
            ShapeException.Throw(operation, $"{name} must be [{length}], got {vector.Shape} with {other.Shape}");
        }
    }

    /// <summary>Demands at least one axis.</summary>
    internal static void RequireAxes(string operation, Tensor x, int rank)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank < rank)
        {
            ShapeException.Throw(operation, $"needs at least {rank} axes, got {x.Shape}");
        }
    }
}
