namespace Thor.Bench.Micro;

/// <summary>How fast one tile primitive is, beside the processor's peak and beside OpenBLAS, all in the same run.</summary>
/// <param name="Name">Primitive and shape.</param>
/// <param name="Threads">Threads that shared the work, of both.</param>
/// <param name="Milliseconds">Median of a run.</param>
/// <param name="Gflops">
/// Nominal operations per second: n^3 + n^2 + n per inverse, rows n (n + 1) per covariance tile, 2 m n (m + n) per preconditioned block.
/// </param>
/// <param name="ShareOfPeak">Those over the multiply-adds per second that as many threads reached in registers alone.</param>
/// <param name="PeerMilliseconds">Median of OpenBLAS on the same data, or NaN where it is not installed.</param>
public sealed record TileMeasure(string Name, int Threads, double Milliseconds, double Gflops, double ShareOfPeak, double PeerMilliseconds)
{
    /// <summary>How many times faster than the peer.</summary>
    public double RatioToPeer => PeerMilliseconds / Milliseconds;
}
