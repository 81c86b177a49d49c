using Spectre.Console;
using Thor.Autograd.Training;

namespace Thor.Bench.Views;

/// <summary>Shows runs while they train: a live table on a terminal, plain lines elsewhere.</summary>
internal abstract class RunView
{
    /// <summary>Runs work with a view of it on the console.</summary>
    public static void Show(IReadOnlyList<(string Name, Trainer Trainer, long Steps)> runs, Action work)
    {
        bool live = AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected;
        RunView view = live ? new LiveRunView(runs) : new PlainRunView();
        foreach ((string name, Trainer trainer, _) in runs)
        {
            trainer.Stepped += t => view.Stepped(name, t);
            trainer.Evaluated += (t, point) => view.Evaluated(name, t, point);
        }

        view.Run(work);
    }

    protected abstract void Run(Action work);

    protected abstract void Stepped(string name, Trainer trainer);

    protected abstract void Evaluated(string name, Trainer trainer, TrainingPoint point);
}
