namespace Thor.Autograd.SecondOrder;

/// <summary>What one refresh did.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Damping">lambda.</param>
/// <param name="Layers">Layers with fresh statistics.</param>
/// <param name="Tiles">Tiles that were to be inverted.</param>
/// <param name="Failures">Those that could not be.</param>
public sealed record RefreshReport(long Step, double Damping, int Layers, int Tiles, IReadOnlyList<TileFailure> Failures)
{
    /// <summary>Tiles inverted.</summary>
    public int Inverted => Tiles - Failures.Count;
}
