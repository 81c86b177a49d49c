namespace Thor.Kernels.Kernels;

/// <content>
/// Vectors of 16 at any address: a view of FloatX16 must begin at a multiple of 64 bytes, which rows of matrices rarely do. Lane by lane in C#,
/// one instruction in what compilers for processors make of it.
/// </content>
public static partial class GemmKernels
{
    /// <summary>Writes 16 neighbours of c, at any address: compilers make one store of them.</summary>
    private static void FinishSixteen(ArrayView<float> c, GemmSizes sizes, long at, FloatX16 result)
    {
        FloatX16 sum = result;
        if (sizes.Beta != 0f)
        {
            FloatX16 old;
            old.S0 = c[at];
            old.S1 = c[at + 1];
            old.S2 = c[at + 2];
            old.S3 = c[at + 3];
            old.S4 = c[at + 4];
            old.S5 = c[at + 5];
            old.S6 = c[at + 6];
            old.S7 = c[at + 7];
            old.S8 = c[at + 8];
            old.S9 = c[at + 9];
            old.SA = c[at + 10];
            old.SB = c[at + 11];
            old.SC = c[at + 12];
            old.SD = c[at + 13];
            old.SE = c[at + 14];
            old.SF = c[at + 15];
            sum = Fused.MultiplyAdd(sizes.Beta, old, result);
        }

        c[at] = sum.S0;
        c[at + 1] = sum.S1;
        c[at + 2] = sum.S2;
        c[at + 3] = sum.S3;
        c[at + 4] = sum.S4;
        c[at + 5] = sum.S5;
        c[at + 6] = sum.S6;
        c[at + 7] = sum.S7;
        c[at + 8] = sum.S8;
        c[at + 9] = sum.S9;
        c[at + 10] = sum.SA;
        c[at + 11] = sum.SB;
        c[at + 12] = sum.SC;
        c[at + 13] = sum.SD;
        c[at + 14] = sum.SE;
        c[at + 15] = sum.SF;
    }

    /// <summary>16 neighbours, at any address: compilers make one load of them.</summary>
    private static FloatX16 Sixteen(ReadOnlyView<float> x, long at)
    {
        FloatX16 result;
        result.S0 = x[at];
        result.S1 = x[at + 1];
        result.S2 = x[at + 2];
        result.S3 = x[at + 3];
        result.S4 = x[at + 4];
        result.S5 = x[at + 5];
        result.S6 = x[at + 6];
        result.S7 = x[at + 7];
        result.S8 = x[at + 8];
        result.S9 = x[at + 9];
        result.SA = x[at + 10];
        result.SB = x[at + 11];
        result.SC = x[at + 12];
        result.SD = x[at + 13];
        result.SE = x[at + 14];
        result.SF = x[at + 15];
        return result;
    }

    /// <summary>16 elements of a stride, of which those behind the last repeat it.</summary>
    private static FloatX16 Sixteen(ReadOnlyView<float> x, long at, long stride, int last)
    {
        FloatX16 result;
        result.S0 = x[at];
        result.S1 = x[at + (XMath.Min(1, last) * stride)];
        result.S2 = x[at + (XMath.Min(2, last) * stride)];
        result.S3 = x[at + (XMath.Min(3, last) * stride)];
        result.S4 = x[at + (XMath.Min(4, last) * stride)];
        result.S5 = x[at + (XMath.Min(5, last) * stride)];
        result.S6 = x[at + (XMath.Min(6, last) * stride)];
        result.S7 = x[at + (XMath.Min(7, last) * stride)];
        result.S8 = x[at + (XMath.Min(8, last) * stride)];
        result.S9 = x[at + (XMath.Min(9, last) * stride)];
        result.SA = x[at + (XMath.Min(10, last) * stride)];
        result.SB = x[at + (XMath.Min(11, last) * stride)];
        result.SC = x[at + (XMath.Min(12, last) * stride)];
        result.SD = x[at + (XMath.Min(13, last) * stride)];
        result.SE = x[at + (XMath.Min(14, last) * stride)];
        result.SF = x[at + (XMath.Min(15, last) * stride)];
        return result;
    }
}
