using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>
/// Operations that memory bounds, beside a plain copy on all threads that moves as many bytes as the operation must: every
/// operand read once, every result written once. A ratio of 1 means that the arithmetic costs nothing.
/// </summary>
internal sealed unsafe class ElementwiseMeasures : MeasureSet
{
    private const int Height = 4096;
    private const int Width = 1000;

    public override string Name => "elementwise";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach ((string name, Func<(long Bytes, Action Call)> prepare) in Cases())
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

    private static IEnumerable<(string Name, Func<(long Bytes, Action Call)> Prepare)> Cases()
    {
        Backend host = Device.Host.Backend;
        yield return ("elementwise add 4096x1000", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(Height, Width), Numbers(Height, Width), Numbers(Height, Width));
            return (Bytes(a, b, y), () => host.Map(BinaryOperation.Add, a, b, y));
        }
        );
        yield return ("elementwise multiply 4096x1000 by a row", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(Height, Width), Numbers(Width), Numbers(Height, Width));
            Tensor spread = b.BroadcastTo(a.Shape);
            return (Bytes(a, y), () => host.Map(BinaryOperation.Multiply, a, spread, y));
        }
        );
        yield return ("elementwise multiply 4096x1000 by a column", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(Height, Width), Numbers(Height, 1), Numbers(Height, Width));
            Tensor spread = b.BroadcastTo(a.Shape);
            return (Bytes(a, y), () => host.Map(BinaryOperation.Multiply, a, spread, y));
        }
        );
        yield return ("elementwise transpose 4096x1000", () =>
        {
            (Tensor a, Tensor y) = (Numbers(Width, Height), Numbers(Height, Width));
            Tensor turned = a.Transpose();
            return (Bytes(a, y), () => host.Copy(turned, y));
        }
        );
        foreach (UnaryOperation operation in (UnaryOperation[])[UnaryOperation.Relu, UnaryOperation.Gelu, UnaryOperation.Exponential, UnaryOperation.Tanh])
        {
            yield return ($"elementwise {operation.ToString().ToLowerInvariant()} 4096x1000", () =>
            {
                (Tensor x, Tensor y) = (Numbers(Height, Width), Numbers(Height, Width));
                return (Bytes(x, y), () => host.Map(operation, x, y));
            }
            );
        }

        foreach (BinaryOperation operation in (BinaryOperation[])[BinaryOperation.ReluGradient, BinaryOperation.GeluGradient])
        {
            yield return ($"elementwise {operation.ToString().ToLowerInvariant()} 4096x1000", () =>
            {
                (Tensor x, Tensor g, Tensor dx) = (Numbers(Height, Width), Numbers(Height, Width), Numbers(Height, Width));
                return (Bytes(x, g, dx), () => host.Map(operation, x, g, dx));
            }
            );
        }

        yield return ("elementwise sum 4096x1000", () =>
        {
            (Tensor x, Tensor y) = (Numbers(Height, Width), Numbers(1, 1));
            return (Bytes(x), () => host.Reduce(ReduceOperation.Sum, x, y));
        }
        );
        yield return ("elementwise column sums 4096x1000", () =>
        {
            (Tensor x, Tensor y) = (Numbers(Height, Width), Numbers(1, Width));
            return (Bytes(x), () => host.Reduce(ReduceOperation.Sum, x, y));
        }
        );
        yield return ("elementwise softmax 4096x1000", () =>
        {
            (Tensor x, Tensor y) = (Numbers(Height, Width), Numbers(Height, Width));
            return (Bytes(x, y), () => host.Softmax(x, y));
        }
        );
        yield return ("elementwise layer norm 4096x128", () =>
        {
            (Tensor x, Tensor y, Tensor w) = (Numbers(Height, 128), Numbers(Height, 128), Numbers(128));
            (Tensor mean, Tensor inverse) = (Numbers(Height), Numbers(Height));
            return (Bytes(x, y), () => host.LayerNorm(x, w, w, 1e-5, y, mean, inverse));
        }
        );
        yield return ("elementwise batch norm 128x32x28x28", () =>
        {
            (Tensor x, Tensor y, Tensor w) = (Numbers(128, 32, 28, 28), Numbers(128, 32, 28, 28), Numbers(32));
            (Tensor mean, Tensor inverse) = (Numbers(32), Numbers(32));
            return (Bytes(x, y), () => host.BatchNorm(x, w, w, 1e-5, y, mean, inverse));
        }
        );
        yield return ("elementwise dropout mask 4096x1000", () =>
        {
            Tensor y = Numbers(Height, Width);
            return (Bytes(y), () => host.DropoutMask(y, 0.9, 1, 0));
        }
        );
        yield return ("elementwise normal 4096x1000", () =>
        {
            Tensor y = Numbers(Height, Width);
            return (Bytes(y), () => host.Normal(y, 1, 0));
        }
        );
        yield return ("elementwise adam 4096000", () =>
        {
            (Tensor p, Tensor g) = (Numbers(Height * Width), Numbers(Height * Width));
            (Tensor m, Tensor s) = (Tensor.Zeros(p.Shape), Tensor.Zeros(p.Shape));
            UpdateStep step = new(1e-3, 0.9, 0.999, 1e-8, Count: 3);
            return (Bytes(p, g, m, s) + Bytes(p, m, s), () => host.Update(UpdateRule.Adam, step, p, g, m, s));
        }
        );
    }

    private static Tensor Numbers(params ReadOnlySpan<int> extents) => new RandomStream(1).Normal(new Shape(extents));

    private static long Bytes(params ReadOnlySpan<Tensor> tensors)
    {
        long bytes = 0;
        foreach (Tensor tensor in tensors)
        {
            bytes += tensor.Length * sizeof(float);
        }

        return bytes;
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
