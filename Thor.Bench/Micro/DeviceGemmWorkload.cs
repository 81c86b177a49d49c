using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>
/// One product on an accelerator beside its peer: cuBLAS on CUDA, else our own product on the host. The operands are normal random numbers.
/// </summary>
internal sealed unsafe class DeviceGemmWorkload : IDisposable
{
    private readonly GemmShape _shape;
    private readonly Accelerator _accelerator;
    private readonly CuBlas? _blas;
    private readonly Tensor _hostA;
    private readonly Tensor _hostB;
    private readonly Tensor _hostC;
    private readonly MemoryBuffer<float> _a;
    private readonly MemoryBuffer<float> _b;
    private readonly MemoryBuffer<float> _c;
    private readonly MemoryBuffer<float> _peerC;
    private float[]? _expected;

    public DeviceGemmWorkload(GemmShape shape, Accelerator accelerator, CuBlas? blas)
    {
        _shape = shape;
        _accelerator = accelerator;
        _blas = blas;
        RandomStream random = new(1);
        _hostA = random.Normal([shape.Batches * shape.M, shape.K]).Persist();
        _hostB = random.Normal([shape.Batches * shape.K, shape.N]).Persist();
        _hostC = Tensor.Empty([shape.Batches * shape.M, shape.N]).Persist();
        _a = accelerator.Allocate<float>(checked((int)_hostA.Length));
        _b = accelerator.Allocate<float>(checked((int)_hostB.Length));
        _c = accelerator.Allocate<float>(checked((int)_hostC.Length));
        _peerC = accelerator.Allocate<float>(checked((int)_hostC.Length));
        _a.CopyFrom(_hostA.AsSpan<float>());
        _b.CopyFrom(_hostB.AsSpan<float>());
        Sizes = new GemmSizes
        {
            Rows = shape.M,
            Columns = shape.N,
            Depth = shape.K,
            Inner = shape.Batches,
            Outer = 1,
            Alpha = 1,
            ARow = shape.TransposeA ? 1 : shape.K,
            AStep = shape.TransposeA ? shape.M : 1,
            AInner = (long)shape.M * shape.K,
            BStep = shape.TransposeB ? 1 : shape.N,
            BColumn = shape.TransposeB ? shape.K : 1,
            BInner = (long)shape.K * shape.N,
            CRow = shape.N,
            CInner = (long)shape.M * shape.N,
        };
    }

    /// <summary>The product, for the choice of a plan.</summary>
    public GemmSizes Sizes { get; }

    /// <summary>Queues the product in a way that is given.</summary>
    public void Queue(in GemmPlan plan) => GemmLaunch.Multiply(_accelerator.Stream, _a.View, _b.View, _c.View, default, Sizes, plan);

    /// <summary>Queues the product as the engine would.</summary>
    public void Queue(MatMulPrecision precision) => GemmLaunch.Multiply(_accelerator.Stream, _a.View, _b.View, _c.View, default, Sizes, precision);

    /// <summary>The peer's product: queued where the peer is cuBLAS, else computed.</summary>
    public void Peer(MatMulPrecision precision)
    {
        if (_blas is not null)
        {
            _blas.Multiply(_a.View, _b.View, _peerC.View, _shape.M, _shape.N, _shape.K, _shape.TransposeA, _shape.TransposeB, _shape.Batches, precision);
            return;
        }

        GemmSizes s = Sizes;
        Gemm.Multiply(
            _shape.Batches,
            s.Rows,
            s.Columns,
            s.Depth,
            new MatrixView<float>(PeerProduct.Pointer(_hostA), s.ARow, s.AStep, s.AInner),
            new MatrixView<float>(PeerProduct.Pointer(_hostB), s.BStep, s.BColumn, s.BInner),
            new MatrixView<float>(PeerProduct.Pointer(_hostC), s.CRow, 1, s.CInner),
            1f,
            0f);
    }

    /// <summary>Sets the result to zero, so that what is not written shows.</summary>
    public void Clear() => _c.Clear();

    /// <summary>Throws if the two results differ by more than rounding explains. The peer's is the one that stood there at the first call.</summary>
    /// <exception cref="InvalidOperationException">They do.</exception>
    public void RequireSame(MatMulPrecision precision, string what)
    {
        float[] expected = _expected ??= _blas is not null ? _peerC.ToArray() : _hostC.AsSpan<float>().ToArray();
        float[] actual = _c.ToArray();

        // Errors of a sum of k products of normal numbers: about the root of k roundings of a product, and in float as many of partial sums.
        double unit = precision switch
        {
            MatMulPrecision.TensorFloat32 => 1.0 / 1024,
            MatMulPrecision.BFloat16 => 1.0 / 128,
            _ => Math.Sqrt(_shape.K) / (1 << 23),
        };
        double bound = 10 * unit * Math.Sqrt(_shape.K + 1);
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= bound))
            {
                throw new InvalidOperationException($"{_shape} by {what}: element {i} is {actual[i]}, the peer has {expected[i]}; they may differ by {bound:G3}.");
            }
        }
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
        _peerC.Dispose();
        _hostA.Dispose();
        _hostB.Dispose();
        _hostC.Dispose();
    }
}
