using Thor.Bench;

namespace Thor.Tests.Bench;

/// <summary>Runs `thor` with arguments in this process and keeps what it prints.</summary>
internal static class CommandLine
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        TextWriter output = Console.Out;
        TextWriter error = Console.Error;
        using StringWriter newOutput = new();
        using StringWriter newError = new();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newError);
            int exitCode = Program.Main(arguments);
            return (exitCode, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
