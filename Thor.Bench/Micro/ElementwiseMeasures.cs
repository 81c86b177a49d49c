using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>
/// Operations that memory bounds, beside a plain copy on all threads that moves as many bytes as the operation must: every
/// operand read once, every result written once. A ratio of 1 means that the arithmetic costs nothing.
/// </summary>
internal sealed unsafe class ElementwiseMeasures : MeasureSet
{
    public override string Name => "elementwise";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach ((string name, Func<(long Bytes, Action Call)> prepare) in ElementwiseCases.On(Device.Host, ElementwiseCases.Height))
        {
            if (wanted(name))
            {
                foreach (MicroResult row in Measure(name, prepare))
                {
                    yield return row;
                }
            }
        }
    }

    private static MicroResult[] Measure(string name, Func<(long Bytes, Action Call)> prepare)
    {
        using TensorScope scope = TensorScope.Begin();
        (long bytes, Action call) = prepare();

        // A copy of n bytes reads n and writes n.
        Tensor from = Tensor.Zeros([checked((int)(bytes / 2 / sizeof(float)))]);
        Tensor to = from.Clone();
        CopyBody copy = new(PeerProduct.Pointer(from), PeerProduct.Pointer(to), from.Length);
        PairedTimes times = PairedHarness.Run(call, () => WorkerPool.For(CopyBody.Pieces, copy), Pairs);
        return
        [
            new MicroResult(name, "thor", times.ThorMilliseconds, null, times.Ratio, GigabytesPerSecond: bytes / times.ThorMilliseconds / 1e6),
            new MicroResult(name, "memory copy", times.PeerMilliseconds, null, 1, GigabytesPerSecond: bytes / times.PeerMilliseconds / 1e6),
        ];
    }

    private readonly struct CopyBody(float* from, float* to, long n) : IParallelBody
    {
        public const int Pieces = 64;

        private readonly float* _from = from;
        private readonly float* _to = to;

        public void Invoke(int index)
        {
            long start = n * index / Pieces;
            long bytes = ((n * (index + 1) / Pieces) - start) * sizeof(float);
            Buffer.MemoryCopy(_from + start, _to + start, bytes, bytes);
        }
    }
}
