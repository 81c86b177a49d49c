namespace Thor.Kernels.Host;

/// <summary>What the tiles of a sliver of columns have in common.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe struct GemmTileArguments<T>
    where T : unmanaged
{
    /// <summary>Length of the sums; 0 gives a product of zero.</summary>
    public nint K;

    /// <summary>Distance between rows of a.</summary>
    public nint ARow;

    /// <summary>Distance between steps of a.</summary>
    public nint AStep;

    /// <summary>The row of b at a step begins at B[step * BStep].</summary>
    public T* B;

    /// <summary>Distance between steps of b.</summary>
    public nint BStep;

    /// <summary>Distance between rows of c.</summary>
    public nint CRow;

    /// <summary>Factor of the product.</summary>
    public T Alpha;

    /// <summary>Factor of the old c; with 0 it is not read.</summary>
    public T Beta;

    /// <summary>One row to add to every row, or null.</summary>
    public T* Bias;
}
