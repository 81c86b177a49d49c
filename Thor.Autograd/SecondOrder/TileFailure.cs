namespace Thor.Autograd.SecondOrder;

/// <summary>A tile that could not be inverted as asked.</summary>
/// <param name="Layer">Dotted name of the layer.</param>
/// <param name="Factor">Name of the factor, such as "conv1.A".</param>
/// <param name="Side">A or G.</param>
/// <param name="Tile">Index along the diagonal.</param>
/// <param name="Status">
/// Of the last attempt on the device: 0 where more damping helped, else the order of the first bad minor, -1 for statistics that are not finite, -2 for hopeless conditioning; with exact
/// damping -1, or 1 where eigenvalues do not settle.
/// </param>
/// <param name="Damping">What had been added to the diagonal in that attempt.</param>
/// <param name="Rung">What the tile stands on.</param>
public readonly record struct TileFailure(string Layer, string Factor, FactorSide Side, int Tile, int Status, double Damping, RecoveryRung Rung);
