using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>The tiles of a cell of inverses, and what their status says.</summary>
internal static class TileSlots
{
    /// <summary>The slots of a batch; none where the primitive takes none.</summary>
    public static TileSlot[] Of(TileProblem problem)
    {
        TileSlot[] slots = new TileSlot[problem.Primitive == TilePrimitive.Inverse ? problem.Batch : 0];
        for (int tile = 0; tile < slots.Length; tile++)
        {
            slots[tile] = new TileSlot((long)tile * problem.Dimension * problem.Dimension, problem.Dimension, TileInverseProblem.Damping);
        }

        return slots;
    }

    /// <summary>The first tile that was not inverted, in words; null if all were.</summary>
    /// <param name="status">Status of tiles.</param>
    /// <param name="first">Index of the first of them.</param>
    public static string? Complaint(ReadOnlySpan<int> status, int first)
    {
        int bad = status.IndexOfAnyExcept(0);
        return bad < 0 ? null : FormattableString.Invariant($"tile {first + bad}: status {status[bad]}");
    }
}
