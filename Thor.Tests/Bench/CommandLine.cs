using Spectre.Console;
using Thor.Bench;

namespace Thor.Tests.Bench;

/// <summary>Runs `thor` with arguments in this process and keeps what it prints.</summary>
internal static class CommandLine
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments) => Run(() => Program.Main(arguments));

    /// <summary>A part of a command.</summary>
    public static (int ExitCode, string Output, string Error) Run(Func<int> part)
    {
        TextWriter output = Console.Out;
        TextWriter error = Console.Error;
        using StringWriter newOutput = new();
        using StringWriter newError = new();
        try
        {
            Console.SetOut(newOutput);
            Console.SetError(newError);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(newOutput) });
            int exitCode = part();
            return (exitCode, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
