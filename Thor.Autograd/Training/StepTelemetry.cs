namespace Thor.Autograd.Training;

/// <summary>What was measured of one step.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Loss">Of the batch, before the update.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="PassMilliseconds">Forward and backward pass.</param>
/// <param name="StatisticsMilliseconds">Norms and covariances.</param>
/// <param name="InversionMilliseconds">Damping and inverting curvature.</param>
/// <param name="PreconditioningMilliseconds">From gradients to directions.</param>
/// <param name="UpdateMilliseconds">All that the optimizer did.</param>
/// <param name="InUseBytes">Memory of tensors after the step.</param>
/// <param name="PooledBytes">Memory that waits for reuse.</param>
/// <param name="Layers">The layers with curvature, in the model's order.</param>
public sealed record StepTelemetry(
    long Step,
    double Loss,
    double LearningRate,
    double PassMilliseconds,
    double StatisticsMilliseconds,
    double InversionMilliseconds,
    double PreconditioningMilliseconds,
    double UpdateMilliseconds,
    long InUseBytes,
    long PooledBytes,
    IReadOnlyList<LayerTelemetry> Layers);
