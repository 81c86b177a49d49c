using System.Numerics;

namespace Thor.Kernels.Kernels;

/// <summary>
/// Random numbers of a Philox stream, with the bits of the host (<c>Philox</c>, <c>RandomFill</c> and <c>NormalTable</c>).
/// </summary>
/// <remarks>
/// A thread computes blocks of four words. GPU: groups of 256, a block per thread, written as one vector where the memory allows. Processor: groups of
/// one thread that takes a run of blocks. No shared memory; 4 bytes written per element for about 25 integer operations, and 16
/// bytes of a table of 8 KiB for a normal number.
/// </remarks>
internal static partial class PhiloxKernels
{
    /// <summary>Threads of a GPU's group.</summary>
    public const int GroupSize = 256;

    /// <summary>Uniform numbers in [0, 1).</summary>
    public const int Uniform = 0;

    /// <summary>Standard normal numbers.</summary>
    public const int Normal = 1;

    /// <summary>A value where the word is small enough, else 0.</summary>
    public const int Mask = 2;

    private const uint Multiplier0 = 0xD2511F53u;
    private const uint Multiplier1 = 0xCD9E8D57u;
    private const uint Weyl0 = 0x9E3779B9u;
    private const uint Weyl1 = 0xBB67AE85u;
    private const int Rounds = 10;

    // Of NormalTable.
    private const int SegmentBits = 4;

    /// <summary>y[i] = the number of word skip + i, counted from a block.</summary>
    /// <param name="y">The numbers.</param>
    /// <param name="table">Coefficients of NormalTable, for normal numbers.</param>
    /// <param name="keyLow">Low word of the key.</param>
    /// <param name="keyHigh">High word of the key.</param>
    /// <param name="firstBlock">Counter of the first block.</param>
    /// <param name="skip">Words of that block in front of the first number.</param>
    /// <param name="length">Numbers.</param>
    /// <param name="run">Blocks of a thread.</param>
    /// <param name="vectors">1 if numbers can be written four at a time: skip is 0 and y lies at a multiple of 16 bytes.</param>
    /// <param name="last">Of a mask: the largest word that gives the value.</param>
    /// <param name="value">Of a mask.</param>
    /// <param name="kind">Uniform, Normal or Mask.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(Uniform), KernelVariants(Normal), KernelVariants(Mask)]
    public static void Fill(
        ArrayView<float> y,
        ReadOnlyView<float> table,
        uint keyLow,
        uint keyHigh,
        ulong firstBlock,
        int skip,
        int length,
        int run,
        int vectors,
        uint last,
        float value,
        SpecializedValue<int> kind)
    {
        int start = ((Grid.IdxX * Group.DimX) + Group.IdxX) * run;
        for (int block = start; block < start + run; block++)
        {
            int at = (block * 4) - skip;
            if (at < length)
            {
                Block(keyLow, keyHigh, firstBlock + (ulong)block, out uint w0, out uint w1, out uint w2, out uint w3);
                float y0 = Number(kind.Value, w0, table, last, value, lanes: false);
                float y1 = Number(kind.Value, w1, table, last, value, lanes: false);
                float y2 = Number(kind.Value, w2, table, last, value, lanes: false);
                float y3 = Number(kind.Value, w3, table, last, value, lanes: false);
                if (vectors != 0 && at + 3 < length)
                {
                    ArrayView<FloatX4> fours = y.Cast<FloatX4>();
                    fours[block] = new FloatX4(y0, y1, y2, y3);
                }
                else
                {
                    Put(y, at, length, y0);
                    Put(y, at + 1, length, y1);
                    Put(y, at + 2, length, y2);
                    Put(y, at + 3, length, y3);
                }
            }
        }
    }

    /// <summary>The same by a processor's thread: whole blocks in a loop without conditions; parameters as those of <see cref="Fill"/>.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void Along(
        ArrayView<float> y,
        ReadOnlyView<float> table,
        uint keyLow,
        uint keyHigh,
        ulong firstBlock,
        int skip,
        int length,
        int run,
        uint last,
        float value,
        SpecializedValue<int> kind)
    {
        // Blocks that lie in the numbers as a whole; the edges are written by the first and the last thread.
        int blocks = (length + skip + 3) / 4;
        int firstWhole = skip == 0 ? 0 : 1;
        int lastWhole = (length + skip) / 4;
        int start = Grid.IdxX * run;
        int end = XMath.Min(blocks, start + run);
        int from = XMath.Max(start, firstWhole);
        int to = XMath.Min(end, lastWhole);

        // Indices of 64 bits, which compilers know not to overflow: they then compute blocks side by side.
        for (long block = from; block < Iterations.Independent((long)to); block++)
        {
            WideBlock(keyLow, keyHigh, firstBlock + (ulong)block, out uint w0, out uint w1, out uint w2, out uint w3);
            long at = (block * 4L) - skip;
            y[at] = Number(kind.Value, w0, table, last, value, lanes: true);
            y[at + 1] = Number(kind.Value, w1, table, last, value, lanes: true);
            y[at + 2] = Number(kind.Value, w2, table, last, value, lanes: true);
            y[at + 3] = Number(kind.Value, w3, table, last, value, lanes: true);
        }

        for (int block = start; block < end; block++)
        {
            if (block < from || block >= to)
            {
                Block(keyLow, keyHigh, firstBlock + (ulong)block, out uint w0, out uint w1, out uint w2, out uint w3);
                int at = (block * 4) - skip;
                Put(y, at, length, Number(kind.Value, w0, table, last, value, lanes: true));
                Put(y, at + 1, length, Number(kind.Value, w1, table, last, value, lanes: true));
                Put(y, at + 2, length, Number(kind.Value, w2, table, last, value, lanes: true));
                Put(y, at + 3, length, Number(kind.Value, w3, table, last, value, lanes: true));
            }
        }
    }

    /// <summary>For kernels: the four words of a block of the stream of a key.</summary>
    public static void Block(uint keyLow, uint keyHigh, ulong counter, out uint w0, out uint w1, out uint w2, out uint w3)
    {
        uint k0 = keyLow;
        uint k1 = keyHigh;
        uint c0 = (uint)counter;
        uint c1 = (uint)(counter >> 32);
        uint c2 = 0u;
        uint c3 = 0u;
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = (ulong)Multiplier0 * c0;
            ulong second = (ulong)Multiplier1 * c2;
            c0 = (uint)(second >> 32) ^ c1 ^ k0;
            c2 = (uint)(first >> 32) ^ c3 ^ k1;
            c1 = (uint)second;
            c3 = (uint)first;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        w0 = c0;
        w1 = c1;
        w2 = c2;
        w3 = c3;
    }

    /// <summary>The same for processors, whose lanes multiply 32 bits to 64 only where a word fills 64.</summary>
    private static void WideBlock(uint keyLow, uint keyHigh, ulong counter, out uint w0, out uint w1, out uint w2, out uint w3)
    {
        ulong k0 = keyLow;
        ulong k1 = keyHigh;
        ulong c0 = counter & 0xFFFFFFFFu;
        ulong c1 = counter >> 32;
        ulong c2 = 0;
        ulong c3 = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = Multiplier0 * c0;
            ulong second = Multiplier1 * c2;
            c0 = (second >> 32) ^ c1 ^ k0;
            c2 = (first >> 32) ^ c3 ^ k1;
            c1 = second & 0xFFFFFFFFu;
            c3 = first & 0xFFFFFFFFu;
            k0 = (k0 + Weyl0) & 0xFFFFFFFFu;
            k1 = (k1 + Weyl1) & 0xFFFFFFFFu;
        }

        w0 = (uint)c0;
        w1 = (uint)c1;
        w2 = (uint)c2;
        w3 = (uint)c3;
    }

    /// <summary>For kernels: 24 bits of a word as a number in [0, 1).</summary>
    public static float ToUniform(uint word) => (float)(int)(word >> 8) * (1f / (1 << 24));

    /// <summary>For kernels: the normal number of a word, by the table of <c>NormalTable</c>.</summary>
    public static float ToNormal(uint word, ReadOnlyView<float> table)
    {
        int segment = Segment(word, out float t);
        ReadOnlyView<FloatX4> segments = table.Cast<FloatX4>();
        FloatX4 terms = segments[segment];
        return Signed(word, t, terms.X, terms.Y, terms.Z, terms.W);
    }

    // Lanes of a processor gather numbers, not vectors.
    private static float ToNormalInLanes(uint word, ReadOnlyView<float> table)
    {
        int at = Segment(word, out float t) * 4;
        return Signed(word, t, table[at], table[at + 1], table[at + 2], table[at + 3]);
    }

    /// <summary>The segment of the table that a word falls into, and where in it, in [0, 1).</summary>
    private static int Segment(uint word, out float t)
    {
        uint u = word << 1;
        int zeros = BitOperations.LeadingZeroCount(u | 1u);
        uint aligned = u << zeros;
        t = (float)(int)((aligned << (1 + SegmentBits)) >> 8) * (1f / (1 << 24));
        return (zeros << SegmentBits) | (int)((aligned >> (31 - SegmentBits)) & ((1u << SegmentBits) - 1u));
    }

    private static float Signed(uint word, float t, float c0, float c1, float c2, float c3)
    {
        float x = Fused.MultiplyAdd(c3, t, c2);
        x = Fused.MultiplyAdd(x, t, c1);
        x = Fused.MultiplyAdd(x, t, c0);
        return Interop.IntAsFloat((uint)Interop.FloatAsInt(x) ^ (word & 0x80000000u));
    }

    private static float Number(int kind, uint word, ReadOnlyView<float> table, uint last, float value, bool lanes)
    {
        float number;
        if (kind == Uniform)
        {
            number = ToUniform(word);
        }
        else if (kind == Normal)
        {
            number = lanes ? ToNormalInLanes(word, table) : ToNormal(word, table);
        }
        else
        {
            number = word <= last ? value : 0f;
        }

        return number;
    }

    private static void Put(ArrayView<float> y, int at, int length, float value)
    {
        if (at >= 0 && at < length)
        {
            y[at] = value;
        }
    }
}
