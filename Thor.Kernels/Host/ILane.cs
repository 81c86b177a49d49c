using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>
/// A register of one or more elements: what a loop body needs, so that it is written once and runs at every vector width.
/// Every member rounds alike at every width, so which elements fall into the scalar remainder does not show in the result.
/// </summary>
/// <typeparam name="TSelf">The register.</typeparam>
/// <typeparam name="T">float, double or, for arithmetic and comparisons, int.</typeparam>
internal unsafe interface ILane<TSelf, T>
    where TSelf : struct, ILane<TSelf, T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Elements in a register.</summary>
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a);

    /// <summary>Reads a register; no alignment is needed.</summary>
    static abstract TSelf Load(T* source);

    /// <summary>The same value everywhere.</summary>
    static abstract TSelf All(T value);

    /// <summary>a b + c, rounded once. Floating point only.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger; NaN if either is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller; NaN if either is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    static abstract TSelf Abs(TSelf a);

    /// <summary>Square root. Floating point only.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>Natural logarithm. Floating point only; widths may differ in the last bit.</summary>
    static abstract TSelf Log(TSelf a);

    /// <summary>a where x &gt; y, else b; b for NaN.</summary>
    static abstract TSelf IfGreater(TSelf x, TSelf y, TSelf a, TSelf b);

    /// <summary>a where x &gt;= y, else b; b for NaN.</summary>
    static abstract TSelf IfGreaterOrEqual(TSelf x, TSelf y, TSelf a, TSelf b);

    /// <summary>a where x = y, else b; b for NaN.</summary>
    static abstract TSelf IfEqual(TSelf x, TSelf y, TSelf a, TSelf b);

    /// <summary>|magnitude| with the sign bit of another register. Floating point only.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>
    /// a 2^k where k is the integer that was added to 1.5 * 2^23 (float) or 1.5 * 2^52 (double) to make
    /// <paramref name="shifted"/>: its low bits move into the exponent. No check for overflow. Floating point only.
    /// </summary>
    static abstract TSelf Scale(TSelf a, TSelf shifted);

    /// <summary>Writes the register; no alignment is needed.</summary>
    void Store(T* target);

    /// <summary>Sum of the elements, folded in halves.</summary>
    T Sum();

    /// <summary>Largest element; NaN if any is NaN.</summary>
    T Largest();

    /// <summary>Smallest element; NaN if any is NaN.</summary>
    T Smallest();
}
