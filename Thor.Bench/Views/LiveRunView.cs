using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Thor.Autograd.Training;

namespace Thor.Bench.Views;

/// <summary>A table with a row a run: progress bar, loss, accuracy, step time; redrawn a few times a second.</summary>
internal sealed class LiveRunView : RunView
{
    private const int BarWidth = 24;
    private const double SecondsBetweenFrames = 0.1;

    private readonly Dictionary<string, int> _rows = [];
    private readonly Dictionary<string, long> _steps = [];
    private readonly Table _table = new Table().Border(TableBorder.Rounded)
        .AddColumns("optimizer", "progress", "step", "seconds", "ms/step", "train loss", "test loss", "test accuracy");

    private LiveDisplayContext? _display;
    private long _lastFrame;

    public LiveRunView(IReadOnlyList<(string Name, Trainer Trainer, long Steps)> runs)
    {
        foreach ((string name, _, long steps) in runs)
        {
            _rows.Add(name, _rows.Count);
            _steps.Add(name, steps);
            _table.AddRow(Markup.Escape(name), Bar(0), $"0/{steps}", "–", "–", "–", "–", "–");
        }
    }

    protected override void Run(Action work) =>
        AnsiConsole.Live(_table).Start(display =>
        {
            _display = display;
            display.Refresh();
            work();
        });

    protected override void Stepped(string name, Trainer trainer)
    {
        if (Stopwatch.GetElapsedTime(_lastFrame).TotalSeconds < SecondsBetweenFrames && !trainer.Done)
        {
            return;
        }

        _lastFrame = Stopwatch.GetTimestamp();
        int row = _rows[name];
        long steps = _steps[name];
        _table.UpdateCell(row, 1, Bar((double)trainer.Step / Math.Max(1, steps)));
        _table.UpdateCell(row, 2, $"{trainer.Step}/{steps}");
        _table.UpdateCell(row, 3, Text($"{trainer.Clock.Seconds:F1}"));
        _table.UpdateCell(row, 4, trainer.Clock.Milliseconds.Count > 0 ? Text($"{trainer.Clock.Milliseconds[^1]:F1}") : "–");
        _table.UpdateCell(row, 5, Text($"{trainer.LastLoss:G4}"));
        _display?.Refresh();
    }

    protected override void Evaluated(string name, Trainer trainer, TrainingPoint point)
    {
        int row = _rows[name];
        _table.UpdateCell(row, 6, Text($"{point.TestLoss:G4}"));
        _table.UpdateCell(row, 7, point.TestAccuracy is double accuracy ? Text($"{accuracy:P2}") : "–");
        _display?.Refresh();
    }

    private static string Bar(double share)
    {
        int full = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
        return $"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/]";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
