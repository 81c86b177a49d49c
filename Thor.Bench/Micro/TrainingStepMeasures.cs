using Thor.Bench.Peers;

namespace Thor.Bench.Micro;

/// <summary>
/// Training steps (forward, backward, Nesterov momentum) of four models beside one product of two 1024 x 1024 matrices by
/// OpenBLAS on all cores. The ratio is product time over step time; its inverse is the step in products.
/// </summary>
internal sealed class TrainingStepMeasures : MeasureSet
{
    public override string Name => "training-step";

    public override string? Missing => OpenBlas.Missing;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (string model in TrainingStepWorkload.Names)
        {
            string name = $"training-step {model}";
            if (!wanted(name))
            {
                continue;
            }

            using TrainingStepWorkload workload = TrainingStepWorkload.Create(model);
            using PeerProduct product = new();
            double loss = 0;
            PairedTimes times = PairedHarness.Run(() => loss = workload.Step(), product.Run, Pairs);
            if (!double.IsFinite(loss))
            {
                throw new InvalidOperationException($"{name}: the loss became {loss}, so its times mean nothing.");
            }

            foreach (MicroResult row in Rows(name, PeerProduct.Name, times, operations: null, 1 / workload.Target))
            {
                yield return row;
            }
        }
    }
}
