namespace Thor.Autograd.Training;

/// <summary>Training met a loss that is NaN or infinite. The message names the step and the first layer or parameter that is not finite.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>An exception with no message of its own.</summary>
    public NonFiniteLossException()
    {
    }

    /// <summary>An exception that says where.</summary>
    public NonFiniteLossException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public NonFiniteLossException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
