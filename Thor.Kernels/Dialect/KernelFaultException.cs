namespace Thor.Kernels.Dialect;

/// <summary>A kernel on the processor did what would be undefined on a device: an index outside a view, a barrier that not all threads reach.</summary>
public sealed class KernelFaultException : Exception
{
    /// <summary>An exception with no message of its own.</summary>
    public KernelFaultException()
    {
    }

    /// <summary>An exception that says what happened, in which kernel and thread.</summary>
    public KernelFaultException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public KernelFaultException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
