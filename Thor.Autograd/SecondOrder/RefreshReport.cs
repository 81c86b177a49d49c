using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>What one refresh did. The device says which tiles failed; it is asked when <see cref="Failures"/> is first read.</summary>
public sealed class RefreshReport
{
    private readonly IReadOnlyList<TileFailure> _tiles;
    private Tensor? _status;
    private IReadOnlyList<TileFailure>? _failures;

    /// <param name="step">The step.</param>
    /// <param name="damping">lambda.</param>
    /// <param name="layers">Layers with fresh statistics.</param>
    /// <param name="status">The status of each tile, now the report's; null if there are no tiles.</param>
    /// <param name="tiles">What to report of each tile, should it have failed.</param>
    /// <param name="decisions">What became of each layer, and why.</param>
    internal RefreshReport(
        long step, double damping, int layers, Tensor? status, IReadOnlyList<TileFailure> tiles, IReadOnlyList<LayerDecision> decisions)
    {
        Step = step;
        Damping = damping;
        Layers = layers;
        _status = status;
        _tiles = tiles;
        _failures = status is null ? [] : null;
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
    public int Tiles => _tiles.Count;

    /// <summary>Tiles that could not be inverted. Waits for the device the first time.</summary>
    /// <exception cref="InvalidOperationException">Nobody asked before the next refresh, which asks for nothing itself.</exception>
    public IReadOnlyList<TileFailure> Failures => _failures ??= Read();

    /// <summary>Tiles inverted. Waits for the device the first time, as <see cref="Failures"/> does.</summary>
    public int Inverted => Tiles - Failures.Count;

    /// <summary>Gives the memory of the status back, whether it has been read or not.</summary>
    internal void Forget()
    {
        _status?.Dispose();
        _status = null;
    }

    private List<TileFailure> Read()
    {
        if (_status is null)
        {
            throw new InvalidOperationException(
                $"The failures of the refresh at step {Step} are forgotten: they must be asked for before the next refresh, for example when the preconditioner raises Refreshed.");
        }

        int[] status = _status.ToArray<int>();
        Forget();
        List<TileFailure> failures = [];
        for (int i = 0; i < status.Length; i++)
        {
            if (status[i] != 0)
            {
                failures.Add(_tiles[i] with { Status = status[i] });
            }
        }

        return failures;
    }
}
