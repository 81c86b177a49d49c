namespace Thor.Bench.Invert;

/// <summary>What `thor invert` measures.</summary>
internal enum TilePrimitive
{
    /// <summary>(A + damping I)^-1 of every tile.</summary>
    Inverse,

    /// <summary>Diagonal tiles of X^T X / rows.</summary>
    Covariance,

    /// <summary>Blocks of a gradient between the inverses of their tiles.</summary>
    Precondition,
}
