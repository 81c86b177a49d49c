using System.Globalization;
using Thor.Autograd.Training;

namespace Thor.Bench.Views;

/// <summary>One line an evaluation.</summary>
internal sealed class PlainRunView : RunView
{
    protected override void Run(Action work) => work();

    protected override void Stepped(string name, Trainer trainer)
    {
        // Lines come at evaluations only.
    }

    protected override void Evaluated(string name, Trainer trainer, TrainingPoint point)
    {
        string accuracy = point.TestAccuracy is double share ? string.Create(CultureInfo.InvariantCulture, $"  accuracy {share:P2}") : string.Empty;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-12} step {point.Step,6}  epoch {point.Epoch,6:F2}  {point.Seconds,7:F1} s  {trainer.Clock.Median,7:F2} ms/step  train loss {point.TrainLoss,8:G4}  test loss {point.TestLoss,8:G4}{accuracy}"));
    }
}
