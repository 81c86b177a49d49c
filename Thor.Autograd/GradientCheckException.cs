namespace Thor.Autograd;

/// <summary>Reverse mode and central differences disagree. The message names the input, the element and both values.</summary>
public sealed class GradientCheckException : Exception
{
    /// <summary>An exception with no message of its own.</summary>
    public GradientCheckException()
    {
    }

    /// <summary>An exception that says what disagreed.</summary>
    public GradientCheckException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public GradientCheckException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal GradientCheckException(string message, int input, long element, double reverse, double difference)
        : base(message)
    {
        Input = input;
        Element = element;
        Reverse = reverse;
        Difference = difference;
    }

    /// <summary>Position of the input among the arguments.</summary>
    public int Input { get; }

    /// <summary>Row-major position of the worst element in that input.</summary>
    public long Element { get; }

    /// <summary>The derivative by reverse mode.</summary>
    public double Reverse { get; }

    /// <summary>The derivative by central differences.</summary>
    public double Difference { get; }
}
