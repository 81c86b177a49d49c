namespace Thor.Kernels.Dialect;

/// <summary>An index or extent along two axes, X the fastest.</summary>
public readonly record struct Index2D(int X, int Y)
{
    /// <summary>Number of elements that an extent spans.</summary>
    public int Size => X * Y;
}
