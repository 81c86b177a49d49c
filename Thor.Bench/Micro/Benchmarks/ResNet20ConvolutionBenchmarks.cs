namespace Thor.Bench.Micro.Benchmarks;

/// <summary>The convolutions of ResNet-20 on 32 x 32 images.</summary>
public class ResNet20ConvolutionBenchmarks : ConvolutionBenchmarks
{
    /// <inheritdoc/>
    public override IEnumerable<string> Layers => ConvolutionWorkload.Names.Where(name => name.StartsWith("resnet20", StringComparison.Ordinal));
}
