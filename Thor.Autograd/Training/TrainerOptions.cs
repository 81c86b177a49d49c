namespace Thor.Autograd.Training;

/// <summary>How long to train, how often to look, and what to keep.</summary>
public sealed record TrainerOptions
{
    /// <summary>Number of updates in all.</summary>
    public required long Steps { get; init; }

    /// <summary>Updates between evaluations on the test data.</summary>
    public int EvaluateEvery { get; init; } = 100;

    /// <summary>Test accuracy that counts as reached; null for none.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>Test loss that counts as reached; null for none.</summary>
    public double? TargetLoss { get; init; }

    /// <summary>Folder for checkpoints; null for none.</summary>
    public string? Folder { get; init; }

    /// <summary>Updates between checkpoints, when there is a folder.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>Gradients are scaled down to this global norm before an update; null for no clipping.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Replays forward and backward passes where the device can (see <see cref="RecordedStep"/>); else every step runs anew.</summary>
    public bool RecordSteps { get; init; }

    /// <summary>The step, counted from 0, of which everything is written to <see cref="TraceFile"/>; null for none.</summary>
    public long? TraceStep { get; init; }

    /// <summary>The safetensors file that <see cref="StepTrace"/> describes; its folder exists.</summary>
    public string? TraceFile { get; init; }

    /// <summary>
    /// Steps between two that are measured (<see cref="Trainer.Measured"/>); every step that may refresh curvature is measured too, but for norms. Null for none.
    /// </summary>
    public int? TelemetryEvery { get; init; }
}
