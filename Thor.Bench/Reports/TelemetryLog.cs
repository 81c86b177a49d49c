using Thor.Autograd.Training;

namespace Thor.Bench.Reports;

/// <summary>Telemetry in JSON lines: one "step" for every step that was measured, and after it one "layer" for each of its layers.</summary>
/// <param name="path">The file, which is appended to; null for none.</param>
internal sealed class TelemetryLog(string? path) : IDisposable
{
    private readonly RunLog _log = RunLog.Open(path);

    public void Write(string optimizer, StepTelemetry step)
    {
        _log.Write(
            "step",
            ("optimizer", optimizer),
            ("step", step.Step),
            ("loss", step.Loss),
            ("learningRate", step.LearningRate),
            ("passMilliseconds", step.PassMilliseconds),
            ("statisticsMilliseconds", step.StatisticsMilliseconds),
            ("inversionMilliseconds", step.InversionMilliseconds),
            ("preconditioningMilliseconds", step.PreconditioningMilliseconds),
            ("updateMilliseconds", step.UpdateMilliseconds),
            ("inUseBytes", step.InUseBytes),
            ("pooledBytes", step.PooledBytes));
        foreach (LayerTelemetry layer in step.Layers)
        {
            _log.Write(
                "layer",
                ("step", step.Step),
                ("layer", layer.Layer),
                ("decision", layer.Decision?.Decision.ToString()),
                ("trace", layer.Decision?.Trace),
                ("change", layer.Decision?.Change),
                ("probe", layer.Decision?.Probe),
                ("inputDamping", layer.InputDamping),
                ("outputDamping", layer.OutputDamping),
                ("gradientNorm", layer.GradientNorm),
                ("updateNorm", layer.UpdateNorm),
                ("cosine", layer.Cosine));
        }
    }

    public void Dispose() => _log.Dispose();
}
