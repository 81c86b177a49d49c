namespace Thor.Autograd.SecondOrder;

/// <summary>What one refresh did. The device says which tiles failed; it is asked when <see cref="Failures"/> is first read, or when failed tiles climb.</summary>
public sealed class RefreshReport
{
    private readonly InversionWork? _work;

    /// <param name="step">The step.</param>
    /// <param name="damping">lambda.</param>
    /// <param name="layers">Layers with fresh statistics.</param>
    /// <param name="work">The inversion of tiles; null if there are none.</param>
    /// <param name="decisions">What became of each layer, and why.</param>
    internal RefreshReport(long step, double damping, int layers, InversionWork? work, IReadOnlyList<LayerDecision> decisions)
    {
        Step = step;
        Damping = damping;
        Layers = layers;
        _work = work;
        Decisions = decisions;
    }

    /// <summary>The step, counted from 0.</summary>
    public long Step { get; }

    /// <summary>lambda.</summary>
    public double Damping { get; }

    /// <summary>Layers with fresh statistics.</summary>
    public int Layers { get; }

    /// <summary>What became of each layer that was looked at or has stopped, in the model's order.</summary>
    public IReadOnlyList<LayerDecision> Decisions { get; }

    /// <summary>Tiles that were to be inverted.</summary>
    public int Tiles => _work?.Count ?? 0;

    /// <summary>
    /// Tiles that could not be inverted as asked, and the rung of <see cref="RecoveryLadder"/> that each stands on now: on an accelerator the last good
    /// inverse, or the identity, until the step after the refresh. Waits for the device the first time.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nobody asked before the next refresh, which asks for nothing itself unless tiles climb.</exception>
    public IReadOnlyList<TileFailure> Failures => _work?.Failures ?? [];

    /// <summary>Tiles inverted, some of them perhaps with more damping or on the host. Waits for the device the first time, as <see cref="Failures"/> does.</summary>
    public int Inverted => Tiles - Failures.Count(static failure => failure.Rung >= RecoveryRung.LastGood);
    /// <summary>Gives the memory of the status back, whether it has been read or not.</summary>
    internal void Forget() => _work?.Forget();
}
