namespace Thor.Bench.Micro;

/// <summary>How fast one product of a convolution runs beside the peer's matrix product, both in the same run.</summary>
/// <param name="Name">Shape and product, for example "lenet conv2 forward".</param>
/// <param name="Milliseconds">Median.</param>
/// <param name="Gflops">Floating-point operations of the definition (padding counted) over that time, in billions per second.</param>
/// <param name="PeerGflops">The same for the peer's product of two 1024 x 1024 float32 matrices.</param>
public sealed record ConvolutionMeasure(string Name, double Milliseconds, double Gflops, double PeerGflops)
{
    /// <summary>Share of the peer's rate: higher is better, and comparable between machines.</summary>
    public double RatioToPeer => Gflops / PeerGflops;
}
