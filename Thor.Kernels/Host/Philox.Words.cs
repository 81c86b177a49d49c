using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <content>Runs of words: eight or four blocks at a time, one per 64-bit lane.</content>
public static unsafe partial class Philox
{
    /// <summary>Words [position, position + length) of the stream of a key.</summary>
    public static void Words(ulong key, ulong position, Span<uint> words)
    {
        // Up to three words finish the block that the position is in.
        int at = 0;
        for (; at < words.Length && (position + (ulong)at) % 4 != 0; at++)
        {
            words[at] = Word(key, position + (ulong)at);
        }

        fixed (uint* start = words)
        {
            ulong block = (position + (ulong)at) / 4;
            for (; Avx512F.IsSupported && at <= words.Length - 32; at += 32, block += 8)
            {
                EightBlocks(key, block, start + at);
            }

            for (; Avx2.IsSupported && at <= words.Length - 16; at += 16, block += 4)
            {
                FourBlocks(key, block, start + at);
            }

            for (; at <= words.Length - 4; at += 4, block++)
            {
                (start[at], start[at + 1], start[at + 2], start[at + 3]) = Block(key, block);
            }
        }

        for (; at < words.Length; at++)
        {
            words[at] = Word(key, position + (ulong)at);
        }
    }

    // A lane holds one word, its upper half zero: the multiplication of lower halves then gives the whole product.
    private static void EightBlocks(ulong key, ulong block, uint* words)
    {
        Vector512<ulong> low = Vector512.Create((ulong)uint.MaxValue);
        Vector512<ulong> counter = Vector512.Create(block) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        Vector512<ulong> c0 = counter & low;
        Vector512<ulong> c1 = counter >> 32;
        Vector512<ulong> c2 = Vector512<ulong>.Zero;
        Vector512<ulong> c3 = Vector512<ulong>.Zero;
        Vector512<uint> first = Vector512.Create((ulong)Multiplier0).AsUInt32();
        Vector512<uint> second = Vector512.Create((ulong)Multiplier1).AsUInt32();
        uint k0 = (uint)key;
        uint k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector512<ulong> p0 = Avx512F.Multiply(first, c0.AsUInt32());
            Vector512<ulong> p1 = Avx512F.Multiply(second, c2.AsUInt32());
            c0 = (p1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c2 = (p0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            c1 = p1 & low;
            c3 = p0 & low;
            k0 = unchecked(k0 + Weyl0);
            k1 = unchecked(k1 + Weyl1);
        }

        Vector512<ulong> front = c0 | (c1 << 32);
        Vector512<ulong> back = c2 | (c3 << 32);
        Avx512F.PermuteVar8x64x2(front, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), back).AsUInt32().Store(words);
        Avx512F.PermuteVar8x64x2(front, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), back).AsUInt32().Store(words + 16);
    }

    private static void FourBlocks(ulong key, ulong block, uint* words)
    {
        Vector256<ulong> low = Vector256.Create((ulong)uint.MaxValue);
        Vector256<ulong> counter = Vector256.Create(block) + Vector256.Create(0UL, 1, 2, 3);
        Vector256<ulong> c0 = counter & low;
        Vector256<ulong> c1 = counter >> 32;
        Vector256<ulong> c2 = Vector256<ulong>.Zero;
        Vector256<ulong> c3 = Vector256<ulong>.Zero;
        Vector256<uint> first = Vector256.Create((ulong)Multiplier0).AsUInt32();
        Vector256<uint> second = Vector256.Create((ulong)Multiplier1).AsUInt32();
        uint k0 = (uint)key;
        uint k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector256<ulong> p0 = Avx2.Multiply(first, c0.AsUInt32());
            Vector256<ulong> p1 = Avx2.Multiply(second, c2.AsUInt32());
            c0 = (p1 >> 32) ^ c1 ^ Vector256.Create((ulong)k0);
            c2 = (p0 >> 32) ^ c3 ^ Vector256.Create((ulong)k1);
            c1 = p1 & low;
            c3 = p0 & low;
            k0 = unchecked(k0 + Weyl0);
            k1 = unchecked(k1 + Weyl1);
        }

        Vector256<ulong> front = c0 | (c1 << 32);
        Vector256<ulong> back = c2 | (c3 << 32);
        Vector256<ulong> even = Avx2.UnpackLow(front, back);
        Vector256<ulong> odd = Avx2.UnpackHigh(front, back);
        Avx2.Permute2x128(even, odd, 0x20).AsUInt32().Store(words);
        Avx2.Permute2x128(even, odd, 0x31).AsUInt32().Store(words + 8);
    }
}
