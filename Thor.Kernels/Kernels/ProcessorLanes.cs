namespace Thor.Kernels.Kernels;

/// <summary>
/// Sixteen neighbouring floats at any address. Compilers for processors join the single loads and stores into one of a vector, because
/// constants are all that tells their addresses apart.
/// </summary>
internal static class ProcessorLanes
{
    private const int Count = 16;

    /// <summary>The elements from an index on.</summary>
    public static FloatX16 Load16(ReadOnlyView<float> x, int at)
    {
        ReadOnlyView<float> from = x.SubView(at, Count);
        FloatX16 v;
        v.S0 = from[0];
        v.S1 = from[1];
        v.S2 = from[2];
        v.S3 = from[3];
        v.S4 = from[4];
        v.S5 = from[5];
        v.S6 = from[6];
        v.S7 = from[7];
        v.S8 = from[8];
        v.S9 = from[9];
        v.SA = from[10];
        v.SB = from[11];
        v.SC = from[12];
        v.SD = from[13];
        v.SE = from[14];
        v.SF = from[15];
        return v;
    }

    /// <summary>The elements from an index on, of memory that is written too.</summary>
    public static FloatX16 Load16(ArrayView<float> x, int at)
    {
        ArrayView<float> from = x.SubView(at, Count);
        FloatX16 v;
        v.S0 = from[0];
        v.S1 = from[1];
        v.S2 = from[2];
        v.S3 = from[3];
        v.S4 = from[4];
        v.S5 = from[5];
        v.S6 = from[6];
        v.S7 = from[7];
        v.S8 = from[8];
        v.S9 = from[9];
        v.SA = from[10];
        v.SB = from[11];
        v.SC = from[12];
        v.SD = from[13];
        v.SE = from[14];
        v.SF = from[15];
        return v;
    }

    /// <summary>Overwrites the elements from an index on.</summary>
    public static void Store16(ArrayView<float> y, int at, FloatX16 v)
    {
        ArrayView<float> to = y.SubView(at, Count);
        to[0] = v.S0;
        to[1] = v.S1;
        to[2] = v.S2;
        to[3] = v.S3;
        to[4] = v.S4;
        to[5] = v.S5;
        to[6] = v.S6;
        to[7] = v.S7;
        to[8] = v.S8;
        to[9] = v.S9;
        to[10] = v.SA;
        to[11] = v.SB;
        to[12] = v.SC;
        to[13] = v.SD;
        to[14] = v.SE;
        to[15] = v.SF;
    }

    /// <summary>The first eight lanes of both in turns.</summary>
    public static FloatX16 ZipLow(FloatX16 a, FloatX16 b)
    {
        FloatX16 v = a;
        v.S0 = a.S0;
        v.S1 = b.S0;
        v.S2 = a.S1;
        v.S3 = b.S1;
        v.S4 = a.S2;
        v.S5 = b.S2;
        v.S6 = a.S3;
        v.S7 = b.S3;
        v.S8 = a.S4;
        v.S9 = b.S4;
        v.SA = a.S5;
        v.SB = b.S5;
        v.SC = a.S6;
        v.SD = b.S6;
        v.SE = a.S7;
        v.SF = b.S7;
        return v;
    }

    /// <summary>The last eight lanes of both in turns.</summary>
    public static FloatX16 ZipHigh(FloatX16 a, FloatX16 b)
    {
        FloatX16 v = a;
        v.S0 = a.S8;
        v.S1 = b.S8;
        v.S2 = a.S9;
        v.S3 = b.S9;
        v.S4 = a.SA;
        v.S5 = b.SA;
        v.S6 = a.SB;
        v.S7 = b.SB;
        v.S8 = a.SC;
        v.S9 = b.SC;
        v.SA = a.SD;
        v.SB = b.SD;
        v.SC = a.SE;
        v.SD = b.SE;
        v.SE = a.SF;
        v.SF = b.SF;
        return v;
    }

    /// <summary>Sum of the lanes, by halves.</summary>
    public static float Sum(FloatX16 v)
    {
        float a = (v.S0 + v.S8) + (v.S4 + v.SC);
        float b = (v.S1 + v.S9) + (v.S5 + v.SD);
        float c = (v.S2 + v.SA) + (v.S6 + v.SE);
        float d = (v.S3 + v.SB) + (v.S7 + v.SF);
        return (a + c) + (b + d);
    }
}
