namespace Thor.Bench.TileSize;

/// <summary>A Kronecker factor that was never cut into tiles.</summary>
/// <param name="Name">The layer's name and the side, as "conv1.A".</param>
/// <param name="Dimension">Rows and columns.</param>
/// <param name="Elements">The symmetric matrix, row by row.</param>
/// <param name="Damping">What the optimizer would add to the diagonal before inverting.</param>
internal sealed record WholeFactor(string Name, int Dimension, double[] Elements, double Damping);
