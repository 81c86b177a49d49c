namespace Thor.Kernels;

/// <summary>Arithmetic of the packed runs of tiles that <see cref="TileSlot"/> describes.</summary>
public static class TileLayout
{
    /// <summary>Largest tile dimension that the tile kernels take; primitives of larger tiles are composed of them and of matrix products.</summary>
    public const int MaximumDimension = 512;

    /// <summary>The tile size that matters: no tile has more rows than its factor.</summary>
    public static int Size(int dimension, int tileSize) => Math.Max(1, Math.Min(dimension, tileSize));

    /// <summary>Number of tiles that a factor of this dimension is cut into.</summary>
    public static int Count(int dimension, int tileSize) => (int)(((long)dimension + tileSize - 1) / tileSize);

    /// <summary>Elements of the packed run.</summary>
    public static long Length(int dimension, int tileSize)
    {
        long full = dimension / tileSize;
        long rest = dimension % tileSize;
        return (full * tileSize * tileSize) + (rest * rest);
    }

    /// <summary>Rows and columns of one tile.</summary>
    public static int Dimension(int dimension, int tileSize, int tile) => Math.Min(tileSize, dimension - (tile * tileSize));

    /// <summary>First element of one tile.</summary>
    public static long Offset(int tileSize, int tile) => (long)tile * tileSize * tileSize;

    /// <summary>The slots of a factor, all with the same damping.</summary>
    public static TileSlot[] Slots(int dimension, int tileSize, double damping = 0)
    {
        TileSlot[] slots = new TileSlot[Count(dimension, tileSize)];
        for (int tile = 0; tile < slots.Length; tile++)
        {
            slots[tile] = new TileSlot(Offset(tileSize, tile), Dimension(dimension, tileSize, tile), damping);
        }

        return slots;
    }
}
