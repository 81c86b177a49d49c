using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
/// (SC 2011). Word i of the stream of a key is word i mod 4 of the block whose counter is i / 4.
/// </summary>
public static unsafe partial class Philox
{
    /// <summary>Multiplier of words 0 and 1.</summary>
    internal const uint Multiplier0 = 0xD2511F53;

    /// <summary>Multiplier of words 2 and 3.</summary>
    internal const uint Multiplier1 = 0xCD9E8D57;

    /// <summary>Key step of word 0: the golden ratio.</summary>
    internal const uint Weyl0 = 0x9E3779B9;

    /// <summary>Key step of word 1: the square root of 3 minus 1.</summary>
    internal const uint Weyl1 = 0xBB67AE85;

    /// <summary>Rounds of the bijection.</summary>
    internal const int Rounds = 10;

    /// <summary>The four words of one block.</summary>
    /// <param name="key">Two words, the low one first.</param>
    /// <param name="low">Counter words 0 and 1.</param>
    /// <param name="high">Counter words 2 and 3; 0 for the words that streams hand out.</param>
    public static (uint W0, uint W1, uint W2, uint W3) Block(ulong key, ulong low, ulong high = 0)
    {
        uint k0 = (uint)key;
        uint k1 = (uint)(key >> 32);
        uint c0 = (uint)low;
        uint c1 = (uint)(low >> 32);
        uint c2 = (uint)high;
        uint c3 = (uint)(high >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = (ulong)Multiplier0 * c0;
            ulong second = (ulong)Multiplier1 * c2;
            c0 = (uint)(second >> 32) ^ c1 ^ k0;
            c2 = (uint)(first >> 32) ^ c3 ^ k1;
            c1 = (uint)second;
            c3 = (uint)first;
            k0 = unchecked(k0 + Weyl0);
            k1 = unchecked(k1 + Weyl1);
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>Word number <paramref name="position"/> of the stream of a key.</summary>
    public static uint Word(ulong key, ulong position)
    {
        (uint w0, uint w1, uint w2, uint w3) = Block(key, position / 4);
        return (position % 4) switch
        {
            0 => w0,
            1 => w1,
            2 => w2,
            _ => w3,
        };
    }

    /// <summary>24 bits of a word as a number in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToUniform(uint word) => (word >> 8) * (1f / (1 << 24));

    /// <summary>53 bits of two words as a number in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToUniform(uint low, uint high) => ((((ulong)high << 32) | low) >> 11) * (1.0 / (1L << 53));
}
