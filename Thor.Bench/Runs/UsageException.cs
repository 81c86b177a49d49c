namespace Thor.Bench.Runs;

/// <summary>The command line asks for something that does not exist or does not fit together. Ends the program with exit code 1.</summary>
internal sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
