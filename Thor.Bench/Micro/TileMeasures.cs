using Thor.Bench.Peers;

namespace Thor.Bench.Micro;

/// <summary>The tile primitives of the second-order optimizer against the same work by OpenBLAS, on one thread and on all.</summary>
internal sealed class TileMeasures : MeasureSet
{
    public override string Name => "tile";

    public override string? Missing => OpenBlas.Missing;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (int threads in ThreadCounts)
        {
            foreach (string tile in TileWorkload.Names)
            {
                string name = $"{tile} threads={threads}";
                if (!wanted(name))
                {
                    continue;
                }

                using TileWorkload workload = TileWorkload.Create(tile);
                foreach (MicroResult row in Rows(name, "openblas", Time(threads, workload.Run, workload.RunPeer), workload.Operations))
                {
                    yield return row;
                }
            }
        }
    }
}
