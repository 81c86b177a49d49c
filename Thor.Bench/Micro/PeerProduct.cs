using System.Runtime.InteropServices;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Micro;

/// <summary>One product of two 1024 x 1024 matrices by OpenBLAS on tensors of its own: the unit that other things are measured in.</summary>
internal sealed unsafe class PeerProduct : IDisposable
{
    /// <summary>What rows call it.</summary>
    public const string Name = "openblas 1024^3";

    /// <summary>Floating-point operations of a call.</summary>
    public const double Operations = 2.0 * Size * Size * Size;

    private const int Size = 1024;

    private readonly Tensor _a;
    private readonly Tensor _b;
    private readonly Tensor _c;

    public PeerProduct()
    {
        RandomStream random = new(1);
        _a = random.Normal([Size, Size]);
        _b = random.Normal([Size, Size]);
        _c = Tensor.Empty([Size, Size]);
    }

    public void Run() => OpenBlas.Multiply(Pointer(_a), Pointer(_b), Pointer(_c), Size, Size, Size);

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
