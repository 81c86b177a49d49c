namespace Thor.Bench.Micro.Benchmarks;

/// <summary>The convolutions of LeNet.</summary>
public class LeNetConvolutionBenchmarks : ConvolutionBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<string> Layers => ConvolutionWorkload.Names.Where(name => name.StartsWith("lenet", StringComparison.Ordinal));
}
