using System.Diagnostics.CodeAnalysis;

namespace Thor.Engine;

/// <summary>Shapes, axes or element types that do not fit an operation. The message names the operation and every shape.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>An exception with no message of its own.</summary>
    public ShapeException()
    {
    }

    /// <summary>An exception that says what was given and what was expected.</summary>
    public ShapeException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public ShapeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws with the text "operation: problem".</summary>
    [DoesNotReturn]
    internal static void Throw(string operation, string problem) => throw new ShapeException($"{operation}: {problem}");
}
