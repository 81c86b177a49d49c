using Thor.Autograd;
using Thor.Autograd.SecondOrder;
using Thor.Bench.Runs;
using Thor.Engine;

namespace Thor.Bench.Ablate;

/// <summary>Counts the refreshes of a run and times its curvature, where its optimizer has any.</summary>
internal sealed class CurvatureMeter : IDisposable
{
    private readonly Preconditioner? _preconditioner;
    private readonly PhaseClock? _clock;

    public CurvatureMeter(Run run)
    {
        _preconditioner = (run.Trainer.Optimizer as Preconditioned)?.Preconditioner;
        if (_preconditioner is null)
        {
            return;
        }

        _clock = new PhaseClock(Device.Parse(run.Settings.Device));
        _preconditioner.Clock = _clock;

        // Devices' marks are read where the run waits anyway.
        run.Trainer.Evaluated += (_, _) => Read();
        if (_preconditioner is KroneckerPreconditioner kronecker)
        {
            kronecker.Refreshed += (_, report) =>
            {
                Opportunities++;
                Refreshes += report.Layers;
            };
        }
    }

    public int Opportunities { get; private set; }

    public int Refreshes { get; private set; }

    public double StatisticsSeconds { get; private set; }

    public double InversionSeconds { get; private set; }

    public double PreconditioningSeconds { get; private set; }

    /// <summary>Adds what was timed since the last call. Waits for the device.</summary>
    public void Read()
    {
        if (_clock is not null)
        {
            using PhaseTimes times = _clock.Take();
            StatisticsSeconds += times[StepPhase.Statistics] / 1000;
            InversionSeconds += times[StepPhase.Inversion] / 1000;
            PreconditioningSeconds += times[StepPhase.Preconditioning] / 1000;
        }
    }

    public void Dispose()
    {
        if (_preconditioner is not null)
        {
            _preconditioner.Clock = null;
        }

        _clock?.Dispose();
    }
}
