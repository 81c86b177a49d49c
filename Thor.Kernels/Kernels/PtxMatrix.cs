namespace Thor.Kernels.Kernels;

/// <summary>
/// Matrix products of a warp on tensor cores, D += A B with A 16 x K (row-major fragments), B K x 8 (column-major) and D 16 x 8 in
/// float. All 32 lanes take part, together. A lane is written l = 4 g + t (g = 0..7 its quad, t = 0..3 its place in the quad).
/// CUDA from compute capability 8.0 on; a warp is needed, so the processor cannot do it.
/// </summary>
/// <remarks>
/// D: d0 = (g, 2t), d1 = (g, 2t + 1), d2 = (g + 8, 2t), d3 = (g + 8, 2t + 1).
/// TF32, K = 8: a0 = (g, t), a1 = (g + 8, t), a2 = (g, t + 4), a3 = (g + 8, t + 4); b0 = (t, g), b1 = (t + 4, g).
/// bfloat16, K = 16, two numbers a register, the lower column of A or row of B in the lower half: a0 = (g, 2t..2t+1), a1 = (g + 8, 2t..),
/// a2 = (g, 2t + 8..), a3 = (g + 8, 2t + 8..); b0 = (2t..2t+1, g), b1 = (2t + 8.., g).
/// </remarks>
public static class PtxMatrix
{
    /// <summary>D += A B in TF32, K = 8. The operands hold the bits of floats, of which the lowest 13 are not read: see <see cref="GemmKernels.Tf32Rounding"/>.</summary>
    [Ptx("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")]
    public static void MultiplyTf32(
        ref float d0, ref float d1, ref float d2, ref float d3, int a0, int a1, int a2, int a3, int b0, int b1) => NeedsWarp();

    /// <summary>D += A B in bfloat16, K = 16. Operands from <see cref="PtxConvert.RoundBfloat16Pair"/>.</summary>
    [Ptx("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};")]
    public static void MultiplyBfloat16(
        ref float d0, ref float d1, ref float d2, ref float d3, int a0, int a1, int a2, int a3, int b0, int b1) => NeedsWarp();

    private static void NeedsWarp() => throw new NotSupportedException(
        "Products on tensor cores are instructions of a whole warp of a CUDA device; the processor has no counterpart. Run the kernel on cuda, or choose the variant without tensor cores.");
}
