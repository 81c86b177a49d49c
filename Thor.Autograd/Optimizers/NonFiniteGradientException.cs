namespace Thor.Autograd.Optimizers;

/// <summary>Gradients stayed NaN or infinite for more steps than may be left out. The message names the step and the first parameter whose gradient is not finite.</summary>
public sealed class NonFiniteGradientException : Exception
{
    /// <summary>An exception with no message of its own.</summary>
    public NonFiniteGradientException()
    {
    }

    /// <summary>An exception that says where.</summary>
    public NonFiniteGradientException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public NonFiniteGradientException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
