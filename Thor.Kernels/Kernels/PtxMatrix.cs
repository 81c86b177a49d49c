namespace Thor.Kernels.Kernels;

/// <summary>
/// Matrix products of a warp on tensor cores, D += A B with A 16 x K (row-major fragments), B K x 8 (column-major) and D 16 x 8 in
/// float. All 32 lanes take part, together. A lane is written l = 4 g + t (g = 0..7 its quad, t = 0..3 its place in the quad).
/// CUDA from compute capability 8.0 on; on the processor the lanes exchange their fragments and add products in the order of K, each sum rounded to
/// float, where a tensor core may add in another order and cut off.
/// </summary>
/// <remarks>
/// D: d0 = (g, 2t), d1 = (g, 2t + 1), d2 = (g + 8, 2t), d3 = (g + 8, 2t + 1).
/// TF32, K = 8: a0 = (g, t), a1 = (g + 8, t), a2 = (g, t + 4), a3 = (g + 8, t + 4); b0 = (t, g), b1 = (t + 4, g).
/// bfloat16, K = 16, two numbers a register, the lower column of A or row of B in the lower half: a0 = (g, 2t..2t+1), a1 = (g + 8, 2t..),
/// a2 = (g, 2t + 8..), a3 = (g + 8, 2t + 8..); b0 = (2t..2t+1, g), b1 = (2t + 8.., g).
/// </remarks>
public static class PtxMatrix
{
    // Place of b0 among the operands, behind a0 to a3.
    private const int OperandB = 4;

    /// <summary>D += A B in TF32, K = 8. The operands hold the bits of floats, of which the lowest 13 are not read: see <see cref="GemmKernels.Tf32Rounding"/>.</summary>
    [Ptx("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};", NeedsWarp = true)]
    public static void MultiplyTf32(
        ref float d0, ref float d1, ref float d2, ref float d3, int a0, int a1, int a2, int a3, int b0, int b1)
    {
        int row = Warp.LaneIdx / 4;
        int column = Warp.LaneIdx % 4 * 2;
        d0 = AddTf32(d0, row, column);
        d1 = AddTf32(d1, row, column + 1);
        d2 = AddTf32(d2, row + 8, column);
        d3 = AddTf32(d3, row + 8, column + 1);
    }

    /// <summary>D += A B in bfloat16, K = 16. Operands from <see cref="PtxConvert.RoundBfloat16Pair"/>.</summary>
    [Ptx("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};", NeedsWarp = true)]
    public static void MultiplyBfloat16(
        ref float d0, ref float d1, ref float d2, ref float d3, int a0, int a1, int a2, int a3, int b0, int b1)
    {
        int row = Warp.LaneIdx / 4;
        int column = Warp.LaneIdx % 4 * 2;
        d0 = AddBfloat16(d0, row, column);
        d1 = AddBfloat16(d1, row, column + 1);
        d2 = AddBfloat16(d2, row + 8, column);
        d3 = AddBfloat16(d3, row + 8, column + 1);
    }

    /// <summary>An element of D plus the products of a row of A and a column of B, each of which is exact in float.</summary>
    private static float AddTf32(float sum, int row, int column)
    {
        for (int k = 0; k < 8; k++)
        {
            int a = Fragment(row % 8, k % 4)[(row / 8) + (k / 4 * 2)];
            int b = Fragment(column, k % 4)[OperandB + (k / 4)];
            sum += Tf32(a) * Tf32(b);
        }

        return sum;
    }

    /// <inheritdoc cref="AddTf32"/>
    private static float AddBfloat16(float sum, int row, int column)
    {
        for (int k = 0; k < 16; k += 2)
        {
            int a = Fragment(row % 8, k % 8 / 2)[(row / 8) + (k / 8 * 2)];
            int b = Fragment(column, k % 8 / 2)[OperandB + (k / 8)];
            sum += Low(a) * Low(b);
            sum += High(a) * High(b);
        }

        return sum;
    }

    private static ReadOnlySpan<int> Fragment(int quad, int place) => KernelContext.Current.Operands((4 * quad) + place);

    private static float Tf32(int bits) => Interop.IntAsFloat(bits & ~0x1fff);

    private static float Low(int pair) => Interop.IntAsFloat(pair << 16);

    private static float High(int pair) => Interop.IntAsFloat(pair & ~0xffff);
}
