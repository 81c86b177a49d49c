namespace Thor.Kernels.Dialect;

/// <summary>An index or extent along one axis.</summary>
public readonly record struct Index1D(int X)
{
    /// <summary>Number of elements that an extent spans.</summary>
    public int Size => X;

    /// <summary>An index as a number.</summary>
    public static implicit operator int(Index1D index) => index.X;

    /// <summary>A number as an index.</summary>
    public static implicit operator Index1D(int index) => new(index);
}
