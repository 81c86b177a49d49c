namespace Thor.Kernels.Host;

/// <summary>A number of tiles that lie interleaved, element by element, so that one register works on all of them.</summary>
internal interface ITileGroup
{
    /// <summary>The number.</summary>
    static abstract int Size { get; }
}
