using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Golden;

public static partial class TensorCoreKernels
{
    /// <summary>Copies rows by instructions of CUDA, and adds what a register holds.</summary>
    [Kernel(MaxGroupSize = 32)]
    public static void Copy(ReadOnlyView<float> source, ArrayView<float> target)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(128);
        ArrayView<float> sums = LocalMemory.Allocate<float>(2);
        int lane = Group.IdxX;
        CopyAsync(shared.SubView(4 * lane), source.SubView(4 * lane));
        Wait();
        Group.Barrier();
        sums[0] = shared[lane];
        sums[1] = 0f;
        Add(Bits(shared[lane + 32]), ref sums[0], ref sums[1]);
        target[lane] = sums[0] + sums[1];
    }

    [Ptx("cp.async.cg.shared.global [%0], [%1], 16;", TouchesMemory = true)]
    private static void CopyAsync(ArrayView<float> shared, ReadOnlyView<float> global)
    {
        for (int i = 0; i < 4; i++)
        {
            shared[i] = global[i];
        }
    }

    [Ptx("cp.async.wait_all;", TouchesMemory = true)]
    private static void Wait()
    {
    }

    [Ptx("mov.b32 %0, %1;")]
    private static int Bits(float value) => Interop.FloatAsInt(value);

    [Ptx("{ .reg .f32 x; mov.b32 x, %0; add.rn.f32 %1, %1, x; add.rn.f32 %2, %2, x; }")]
    private static void Add(int bits, ref float sum, ref float rest)
    {
        sum += Interop.IntAsFloat(bits);
        rest += Interop.IntAsFloat(bits);
    }
}
