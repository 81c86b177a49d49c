namespace Thor.Bench.Micro;

/// <summary>How long a training step takes beside the peer's matrix product, both in the same run.</summary>
/// <param name="Name">Of the workload.</param>
/// <param name="Milliseconds">Median of a step.</param>
/// <param name="PeerMilliseconds">Median of the peer's product of two 1024 x 1024 float32 matrices.</param>
/// <param name="Target">What the ratio may be.</param>
public sealed record TrainingStepMeasure(string Name, double Milliseconds, double PeerMilliseconds, double Target)
{
    /// <summary>Step time in products: lower is better, and comparable between machines.</summary>
    public double RatioToPeer => Milliseconds / PeerMilliseconds;
}
