namespace Thor.Kernels.Kernels;

/// <summary>
/// Two matrices that lie interleaved, element by element: a register of 16 floats is 8 columns of both, a pair of floats one element of both.
/// Columns are constants once loops are unrolled, so that compilers make single instructions of all this: a broadcast, a blend, a permutation.
/// </summary>
internal static class LanePairs
{
    /// <summary>Columns of a register.</summary>
    public const int Columns = 8;

    /// <summary>A pair in every column.</summary>
    public static FloatX16 Splat(FloatX2 pair)
    {
        FloatX16 v;
        v.S0 = pair.X;
        v.S1 = pair.Y;
        v.S2 = pair.X;
        v.S3 = pair.Y;
        v.S4 = pair.X;
        v.S5 = pair.Y;
        v.S6 = pair.X;
        v.S7 = pair.Y;
        v.S8 = pair.X;
        v.S9 = pair.Y;
        v.SA = pair.X;
        v.SB = pair.Y;
        v.SC = pair.X;
        v.SD = pair.Y;
        v.SE = pair.X;
        v.SF = pair.Y;
        return v;
    }

    /// <summary>The pair of a column.</summary>
    public static FloatX2 At(FloatX16 v, int column) => column switch
    {
        0 => new FloatX2(v.S0, v.S1),
        1 => new FloatX2(v.S2, v.S3),
        2 => new FloatX2(v.S4, v.S5),
        3 => new FloatX2(v.S6, v.S7),
        4 => new FloatX2(v.S8, v.S9),
        5 => new FloatX2(v.SA, v.SB),
        6 => new FloatX2(v.SC, v.SD),
        _ => new FloatX2(v.SE, v.SF),
    };

    /// <summary>Columns from the first to before the end take a number.</summary>
    public static FloatX16 Fill(FloatX16 v, int first, int end, float value)
    {
        v.S0 = first <= 0 && 0 < end ? value : v.S0;
        v.S1 = first <= 0 && 0 < end ? value : v.S1;
        v.S2 = first <= 1 && 1 < end ? value : v.S2;
        v.S3 = first <= 1 && 1 < end ? value : v.S3;
        v.S4 = first <= 2 && 2 < end ? value : v.S4;
        v.S5 = first <= 2 && 2 < end ? value : v.S5;
        v.S6 = first <= 3 && 3 < end ? value : v.S6;
        v.S7 = first <= 3 && 3 < end ? value : v.S7;
        v.S8 = first <= 4 && 4 < end ? value : v.S8;
        v.S9 = first <= 4 && 4 < end ? value : v.S9;
        v.SA = first <= 5 && 5 < end ? value : v.SA;
        v.SB = first <= 5 && 5 < end ? value : v.SB;
        v.SC = first <= 6 && 6 < end ? value : v.SC;
        v.SD = first <= 6 && 6 < end ? value : v.SD;
        v.SE = first <= 7 && 7 < end ? value : v.SE;
        v.SF = first <= 7 && 7 < end ? value : v.SF;
        return v;
    }

    /// <summary>The first four columns of both in turns.</summary>
    public static FloatX16 ZipLow(FloatX16 a, FloatX16 b)
    {
        FloatX16 v = a;
        v.S0 = a.S0;
        v.S1 = a.S1;
        v.S2 = b.S0;
        v.S3 = b.S1;
        v.S4 = a.S2;
        v.S5 = a.S3;
        v.S6 = b.S2;
        v.S7 = b.S3;
        v.S8 = a.S4;
        v.S9 = a.S5;
        v.SA = b.S4;
        v.SB = b.S5;
        v.SC = a.S6;
        v.SD = a.S7;
        v.SE = b.S6;
        v.SF = b.S7;
        return v;
    }

    /// <summary>The last four columns of both in turns.</summary>
    public static FloatX16 ZipHigh(FloatX16 a, FloatX16 b)
    {
        FloatX16 v = a;
        v.S0 = a.S8;
        v.S1 = a.S9;
        v.S2 = b.S8;
        v.S3 = b.S9;
        v.S4 = a.SA;
        v.S5 = a.SB;
        v.S6 = b.SA;
        v.S7 = b.SB;
        v.S8 = a.SC;
        v.S9 = a.SD;
        v.SA = b.SC;
        v.SB = b.SD;
        v.SC = a.SE;
        v.SD = a.SF;
        v.SE = b.SE;
        v.SF = b.SF;
        return v;
    }
}
