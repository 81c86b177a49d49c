namespace Thor.Bench.Invert;

/// <summary>An array of a cell: so many rows of neighbouring floats.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="RowElements">Floats of a row.</param>
internal readonly record struct TileOperand(int Rows, long RowElements)
{
    /// <summary>Floats altogether.</summary>
    public long Elements => Rows * RowElements;
}
