namespace Thor.Kernels.Dialect;

/// <summary>An index or extent along three axes, X the fastest.</summary>
public readonly record struct Index3D(int X, int Y, int Z)
{
    /// <summary>Number of elements that an extent spans.</summary>
    public int Size => X * Y * Z;

    /// <summary>One axis; the others have extent 1.</summary>
    public static implicit operator Index3D(int x) => new(x, 1, 1);

    /// <summary>Two axes; the third has extent 1.</summary>
    public static implicit operator Index3D((int X, int Y) index) => new(index.X, index.Y, 1);

    /// <summary>Three axes.</summary>
    public static implicit operator Index3D((int X, int Y, int Z) index) => new(index.X, index.Y, index.Z);
}
