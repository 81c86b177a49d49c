using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>What the tile kernels need of a vector register, so that each is written once for all widths and element types.</summary>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe interface ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements per register.</summary>
    static abstract int Count { get; }

    /// <summary>Tiles whose elements lie interleaved in a register; 1 for a matrix by itself.</summary>
    static abstract int Tiles { get; }

    /// <summary>True where 24 sums and their operands fit into registers; else 12.</summary>
    static abstract bool Wide { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(T value);

    /// <summary>The elements of the <see cref="Tiles"/> there, once for every column of the register.</summary>
    static abstract TVector Broadcast(T* source);

    static abstract TVector Load(T* source);

    static abstract void Store(TVector value, T* destination);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector SquareRoot(TVector value);

    /// <summary>Zeros in the place of lanes of smaller magnitude than the floor; what is not a number stays.</summary>
    static abstract TVector Flush(TVector value, TVector floor);

    /// <summary>a b + c, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger lanes; either of two where one is not a number.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The elements of a column, once for every column of the register.</summary>
    static abstract TVector Spread(TVector value, int column);

    /// <summary>Ones in a column, zeros elsewhere.</summary>
    static abstract TVector Unit(int column);

    /// <summary>A column of a, the others of b.</summary>
    static abstract TVector Select(int column, TVector a, TVector b);

    /// <summary>Sum of the lanes, in an order fixed by the width.</summary>
    static abstract T Sum(TVector value);
}
