namespace Thor.Kernels.Kernels;

/// <summary>Sixteen neighbouring floats at any address: compilers for processors join the single loads and stores into one of a vector.</summary>
internal static class ProcessorLanes
{
    /// <summary>The elements from an index on.</summary>
    public static FloatX16 Load16(ReadOnlyView<float> x, int at)
    {
        FloatX16 v;
        v.S0 = x[at];
        v.S1 = x[at + 1];
        v.S2 = x[at + 2];
        v.S3 = x[at + 3];
        v.S4 = x[at + 4];
        v.S5 = x[at + 5];
        v.S6 = x[at + 6];
        v.S7 = x[at + 7];
        v.S8 = x[at + 8];
        v.S9 = x[at + 9];
        v.SA = x[at + 10];
        v.SB = x[at + 11];
        v.SC = x[at + 12];
        v.SD = x[at + 13];
        v.SE = x[at + 14];
        v.SF = x[at + 15];
        return v;
    }

    /// <summary>The elements from an index on, of memory that is written too.</summary>
    public static FloatX16 Load16(ArrayView<float> x, int at)
    {
        FloatX16 v;
        v.S0 = x[at];
        v.S1 = x[at + 1];
        v.S2 = x[at + 2];
        v.S3 = x[at + 3];
        v.S4 = x[at + 4];
        v.S5 = x[at + 5];
        v.S6 = x[at + 6];
        v.S7 = x[at + 7];
        v.S8 = x[at + 8];
        v.S9 = x[at + 9];
        v.SA = x[at + 10];
        v.SB = x[at + 11];
        v.SC = x[at + 12];
        v.SD = x[at + 13];
        v.SE = x[at + 14];
        v.SF = x[at + 15];
        return v;
    }

    /// <summary>Overwrites the elements from an index on.</summary>
    public static void Store16(ArrayView<float> y, int at, FloatX16 v)
    {
        y[at] = v.S0;
        y[at + 1] = v.S1;
        y[at + 2] = v.S2;
        y[at + 3] = v.S3;
        y[at + 4] = v.S4;
        y[at + 5] = v.S5;
        y[at + 6] = v.S6;
        y[at + 7] = v.S7;
        y[at + 8] = v.S8;
        y[at + 9] = v.S9;
        y[at + 10] = v.SA;
        y[at + 11] = v.SB;
        y[at + 12] = v.SC;
        y[at + 13] = v.SD;
        y[at + 14] = v.SE;
        y[at + 15] = v.SF;
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
