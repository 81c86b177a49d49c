namespace Thor.Kernels;

/// <summary>Where one symmetric tile lies in a packed run of tiles, and how it is damped.</summary>
/// <param name="Offset">First element, in elements from the start of the run.</param>
/// <param name="Dimension">Rows and columns; the tile is row-major without gaps.</param>
/// <param name="Damping">Added to the diagonal of the copy that is inverted or decomposed, never to the stored tile.</param>
/// <remarks>
/// A factor of dimension d cut into tiles of size t is stored as ceil(d / t) consecutive tiles: all t x t but the last,
/// which has the dimension that is left. A factor with d at most t is one tile of exactly d x d.
/// </remarks>
public readonly record struct TileSlot(long Offset, int Dimension, double Damping);
