using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <content>Saving and loading.</content>
public sealed partial class KroneckerPreconditioner
{
    private const int Counters = 2;
    private const int CountersPerLayer = 5;
    private const int TracesPerLayer = 2;

    private Tensor? _counters;
    private Tensor? _traces;
    private Tensor? _position;
    private Tensor? _tileStates;
    private Tensor? _recoveryCounts;

    /// <summary>
    /// The preconditioner's own tensors and its counters as they are now: "counters" (the step, that of the coming switch or -1, then refreshes,
    /// batch size, positions, step of the last refresh and whether it has stopped of each layer), "traces" (the held trace of each layer and the rows that
    /// its average has), with averaging "traces.squares", "tiles" (of each tile 1 if it holds an inverse), "recoveries" (by rung), and the packed
    /// tiles of each factor, "NAME.A" and "NAME.A.inverse", with a delay also "NAME.A.coming", with a probe "LAYER.A.probe", with exact damping
    /// "NAME.A.eigenvalues" and with EKFAC "NAME.moments", with Adam's step length "PARAMETER.graft.mean" and "PARAMETER.graft.mean_square", and where
    /// labels are drawn from the model "labels", the lower and upper half of the stream's position. Waits for an inversion that is under way.
    /// </summary>
    public override StateDict StateDict()
    {
        Settle();
        _counters ??= Tensor.Zeros([Counters + (CountersPerLayer * _ordered.Length)], DType.Int32).Persist();
        _tileStates ??= Tensor.Zeros([_ordered.Sum(static curvature => curvature.Factors.Sum(static factor => factor.TileCount))], DType.Int32).Persist();
        _recoveryCounts ??= Tensor.Zeros([_recoveries.Length], DType.Int32).Persist();
        _traces ??= Tensor.Zeros([TracesPerLayer * _ordered.Length], DType.Float64).Persist();
        Span<int> counters = _counters.AsSpan<int>();
        Span<double> traces = _traces.AsSpan<double>();
        counters[0] = checked((int)StepCount);
        counters[1] = checked((int)_switchAt);
        for (int i = 0; i < _ordered.Length; i++)
        {
            Span<int> own = counters.Slice(Counters + (CountersPerLayer * i), CountersPerLayer);
            own[0] = checked((int)_ordered[i].Refreshes);
            own[1] = _ordered[i].BatchSize;
            own[2] = _ordered[i].Positions;
            own[3] = checked((int)_ordered[i].RefreshedAt);
            own[4] = _ordered[i].IsStopped ? 1 : 0;
            traces[TracesPerLayer * i] = _ordered[i].HeldTrace;
            traces[(TracesPerLayer * i) + 1] = MeasuresEveryStep ? _rowsSinceOpportunity[i] : 0;
        }

        Span<int> tiles = _tileStates.AsSpan<int>();
        int next = 0;
        foreach ((KroneckerFactor factor, int tile) in AllTiles())
        {
            tiles[next++] = factor.HasInverse(tile) ? 1 : 0;
        }

        for (int i = 0; i < _recoveries.Length; i++)
        {
            _recoveryCounts.AsSpan<int>()[i] = checked((int)_recoveries[i]);
        }

        StateDict state = new();
        state.Add("counters", _counters);
        state.Add("traces", _traces);
        state.Add("tiles", _tileStates);
        state.Add("recoveries", _recoveryCounts);
        if (_squaresSinceOpportunity is not null)
        {
            state.Add("traces.squares", _squaresSinceOpportunity);
        }

        foreach (LayerCurvature curvature in _ordered)
        {
            foreach ((string name, Tensor held) in curvature.ProbeState)
            {
                state.Add(name, held);
            }

            foreach (KroneckerFactor factor in curvature.Factors)
            {
                state.Add(factor.Name, factor.Tiles);
                state.Add($"{factor.Name}.inverse", factor.Inverse);
                if (factor.Coming is Tensor coming)
                {
                    state.Add($"{factor.Name}.coming", coming);
                }
            }

            AddEigenState(state, curvature);
        }

        if (DrawsFromModel)
        {
            _position ??= Tensor.Zeros([2], DType.Int32).Persist();
            Span<int> halves = _position.AsSpan<int>();
            halves[0] = unchecked((int)_labels.Position);
            halves[1] = unchecked((int)(_labels.Position >> 32));
            state.Add("labels", _position);
        }

        _shape?.AddTo(state);
        return state;
    }

    /// <summary>Overwrites the state: what follows is bit for bit what would have followed where it was saved, also between two refreshes.</summary>
    /// <exception cref="ArgumentException">The state is that of another model or other settings; nothing was changed.</exception>
    public override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        StateDict own = StateDict();
        state.CopyTo(own, nameof(KroneckerPreconditioner), strict: true);
        ReadOnlySpan<int> counters = own["counters"].AsSpan<int>();
        ReadOnlySpan<double> traces = own["traces"].AsSpan<double>();
        _stepCount = counters[0];
        _switchAt = counters[1];
        ReadOnlySpan<int> tiles = own["tiles"].AsSpan<int>();
        int next = 0;
        foreach ((KroneckerFactor factor, int tile) in AllTiles())
        {
            factor.SetInverse(tile, tiles[next++] != 0);
        }

        for (int i = 0; i < _recoveries.Length; i++)
        {
            _recoveries[i] = own["recoveries"].AsSpan<int>()[i];
        }

        _captured.Clear();
        if (_position is not null)
        {
            ReadOnlySpan<int> halves = _position.AsSpan<int>();
            _labels.Position = (uint)halves[0] | ((ulong)(uint)halves[1] << 32);
        }

        for (int i = 0; i < _ordered.Length; i++)
        {
            ReadOnlySpan<int> saved = counters.Slice(Counters + (CountersPerLayer * i), CountersPerLayer);
            _ordered[i].Restore(saved[0], saved[1], saved[2]);
            RestoreEigen(_ordered[i]);
            _ordered[i].RefreshedAt = saved[3];
            _ordered[i].IsStopped = saved[4] != 0;
            _ordered[i].HeldTrace = traces[TracesPerLayer * i];
            if (MeasuresEveryStep)
            {
                _rowsSinceOpportunity[i] = traces[(TracesPerLayer * i) + 1];
            }
        }
    }
    private IEnumerable<(KroneckerFactor Factor, int Tile)> AllTiles() =>
        _ordered.SelectMany(static curvature => curvature.Factors)
            .SelectMany(static factor => Enumerable.Range(0, factor.TileCount).Select(tile => (factor, tile)));
}
