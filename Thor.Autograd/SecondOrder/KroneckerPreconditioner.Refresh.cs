using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <content>When and how factors are refreshed.</content>
public sealed partial class KroneckerPreconditioner
{
    private long _dueAsked = -1;
    private bool _due;

    /// <summary>After every refresh, with what was done; the place to log failed tiles, which waits for the device.</summary>
    public event EventHandler<RefreshReport>? Refreshed;

    /// <summary>Whether the coming step is an opportunity to refresh curvature.</summary>
    public bool IsRefreshDue
    {
        get
        {
            // Every layer asks, and some schedules count their way to the answer.
            if (_dueAsked != StepCount)
            {
                (_dueAsked, _due) = (StepCount, Options.Refresh.IsDue(StepCount));
            }

            return _due;
        }
    }

    /// <summary>The last refresh; null before the first.</summary>
    public RefreshReport? LastRefresh { get; private set; }

    /// <summary>
    /// Decides which layers are refreshed, and damps and inverts their factors. A tile that fails climbs the rungs of <see cref="RecoveryLadder"/>
    /// and is reported; all others are as they would be without it. Nothing waits for the device, but for the norms of a
    /// <see cref="TraceRule"/> and the traces of <see cref="DampingSplit.Pi"/>, each read in one copy. With <see cref="KroneckerOptions.RefreshDelay"/>
    /// the inverses take effect so many steps later, or at the next refresh if that comes first; those of a layer that has none take effect at once.
    /// </summary>
    public RefreshReport Refresh()
    {
        using TensorScope scope = TensorScope.Begin();
        CutShort();
        double lambda = Lambda;
        AverageTraces();
        List<LayerDecision> decisions = Decide(lambda);
        LayerCurvature[] observed = [.. _ordered.Where(static curvature => curvature.IsObserved)];
        bool delayed = Options.RefreshDelay > 0 && observed.All(static curvature => curvature.Refreshes > 0);
        foreach (LayerCurvature curvature in observed)
        {
            curvature.Refresh(StepCount);
        }

        Damp(observed, lambda);
        List<(KroneckerFactor Factor, int Tile)> tiles =
        [
            .. observed.SelectMany(static curvature => curvature.Factors)
                .SelectMany(static factor => Enumerable.Range(0, factor.TileCount).Select(tile => (factor, tile))),
        ];
        LastRefresh?.Forget();
        InversionWork? work;
        using (Clock?.Measure(StepPhase.Inversion))
        {
            work = tiles.Count == 0 ? null : Invert(tiles, delayed);
        }

        LastRefresh = new RefreshReport(StepCount, lambda, observed.Length, work, decisions);
        Refreshed?.Invoke(this, LastRefresh);
        return LastRefresh;
    }

    /// <summary>Sets the damping of the factors of layers that are to be inverted.</summary>
    private void Damp(LayerCurvature[] observed, double lambda)
    {
        double[] means = [];
        if (Options.DampingSplit == DampingSplit.Pi && observed.Length > 0)
        {
            // All traces in one copy.
            KroneckerFactor[] factors = [.. observed.SelectMany(static curvature => curvature.Factors)];
            Tensor traces = Tensor.Empty([factors.Length], _factors!.DType, _factors.Device); // there are layers, so there is memory
            for (int i = 0; i < factors.Length; i++)
            {
                factors[i].MeanOfDiagonal(traces.Slice(0, i, 1));
            }

            means = traces.To(Device.Host).Cast(DType.Float64).ToArray<double>();
        }

        int next = 0;
        foreach (LayerCurvature curvature in observed)
        {
            curvature.Damp(IsExact ? 0 : lambda, means.Length == 0 ? [] : means.AsSpan(next, curvature.Factors.Count));
            next += curvature.Factors.Count;
        }
    }
}
