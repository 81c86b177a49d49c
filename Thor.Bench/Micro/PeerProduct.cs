using System.Runtime.InteropServices;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro;

/// <summary>One matrix product by OpenBLAS on tensors of its own: the unit that other things are measured in.</summary>
internal sealed unsafe class PeerProduct : IDisposable
{
    private readonly Tensor _a;
    private readonly Tensor _b;
    private readonly Tensor _c;
    private readonly int _size;

    public PeerProduct(int size)
    {
        RandomStream random = new(1);
        _size = size;
        _a = random.Normal([size, size]);
        _b = random.Normal([size, size]);
        _c = Tensor.Empty([size, size]);
    }

    /// <summary>Floating-point operations of a call.</summary>
    public double Operations => 2.0 * _size * _size * _size;

    public void Run() => OpenBlas.Multiply(Pointer(_a), Pointer(_b), Pointer(_c), _size, _size, _size);

    /// <summary>The first element of a contiguous host tensor, for a peer's call; valid while the tensor is alive.</summary>
    public static float* Pointer(Tensor tensor) =>
        (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.AsSpan<float>()));

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _c.Dispose();
    }
}
