using Thor.Bench.Peers;

namespace Thor.Bench.Micro;

/// <summary>
/// The three products of the convolutions of LeNet and ResNet-20, on one thread and on all. The peer has no convolution, so
/// its product of two 1024 x 1024 matrices stands in, and the ratio compares rates.
/// </summary>
internal sealed class ConvolutionMeasures : MeasureSet
{
    private static readonly (string Name, Action<ConvolutionWorkload> Run)[] s_products =
    [
        ("forward", static workload => workload.Forward()),
        ("input gradient", static workload => workload.InputGradient()),
        ("weight gradient", static workload => workload.WeightGradient()),
    ];

    public override string Name => "convolution";

    public override string? Missing => OpenBlas.Missing;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (int threads in ThreadCounts)
        {
            foreach (string layer in ConvolutionWorkload.Names)
            {
                foreach ((string product, Action<ConvolutionWorkload> run) in s_products)
                {
                    string name = $"convolution {layer} {product} threads={threads}";
                    if (!wanted(name))
                    {
                        continue;
                    }

                    using ConvolutionWorkload workload = new(layer);
                    using PeerProduct peer = new();
                    PairedTimes times = Time(threads, () => run(workload), peer.Run);
                    foreach (MicroResult row in Rows(name, PeerProduct.Name, times, workload.Operations, peerOperations: PeerProduct.Operations))
                    {
                        yield return row;
                    }
                }
            }
        }
    }
}
