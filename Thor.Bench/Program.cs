#if ILGPU
extern alias ilgpu;
#endif
using System.CommandLine;
using Spectre.Console;
using Thor.Bench.Commands;
using Thor.Bench.Runs;

namespace Thor.Bench;

/// <summary>The command line `thor`. Exit codes: 0 done, 1 bad usage, 2 failure.</summary>
internal static class Program
{
    private const int BadUsage = 1;
    private const int Failure = 2;
    private const int RedirectedWidth = 160;

    public static int Main(string[] arguments)
    {
#if ILGPU
        ilgpu::Thor.Kernels.Accelerators.Ilgpu.IlgpuDevices.Register();
#endif
        RootCommand root = new("Thor: a numerical engine with the second-order optimizer THOR. Without arguments: THOR against momentum on the embedded data set.");
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(CompareCommand.Create());
        root.Subcommands.Add(AblateCommand.Create());
        root.Subcommands.Add(DevicesCommand.Create());
        root.Subcommands.Add(MicroCommand.Create());
        root.Subcommands.Add(VerifyCommand.Create());
        root.Subcommands.Add(InvertCommand.Create());
        root.Subcommands.Add(TilesCommand.Create());
        root.Subcommands.Add(PathsCommand.Create());
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            // Tables in a file or a pipe need not fit a terminal, and have no colours.
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = RedirectedWidth;
        }

        string[] effective = arguments.Length == 0 ? ["compare"] : arguments;
        try
        {
            // Exceptions decide the exit code below; runs handle Ctrl-C themselves, since saving may take longer than the default grace.
            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return root.Parse(effective).Invoke(configuration);
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine($"thor: {exception.Message}");
            return BadUsage;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The edge of the process: whatever failed is reported with its type, and ends the program as a failure.
            Console.Error.WriteLine($"thor: {exception.Message} ({exception.GetType().Name})");
            return Failure;
        }
    }
}
