namespace Thor.Kernels;

/// <summary>A device that does not exist, cannot be opened, ran out of memory or failed. The message names the device and the call.</summary>
public sealed class DeviceException : Exception
{
    /// <summary>An exception with no message of its own.</summary>
    public DeviceException()
    {
    }

    /// <summary>An exception that says what failed.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a cause.</summary>
    public DeviceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
