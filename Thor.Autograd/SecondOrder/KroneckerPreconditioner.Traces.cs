using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <content>Which layers are refreshed at an opportunity, decided from norms before any covariance is formed.</content>
public sealed partial class KroneckerPreconditioner
{
    private readonly Dictionary<LayerCurvature, Tensor> _squares = [];
    private Tensor? _allSquares;
    private Tensor? _squaresSinceOpportunity;
    private double[] _rowsSinceOpportunity = [];

    /// <summary>Whether norms are taken on every step, not at opportunities alone.</summary>
    private bool MeasuresEveryStep => Options.TraceAveraging && !Options.TraceRule.IsOff;

    /// <summary>One tensor for the sums of squares of all factors, so that one copy brings all of them.</summary>
    private void AllocateTraces(Tensor like)
    {
        if (Options.TraceRule.IsOff)
        {
            return;
        }

        int count = _ordered.Sum(static curvature => curvature.Factors.Count);
        _allSquares = Tensor.Zeros([count], like.DType, like.Device).Persist();
        if (MeasuresEveryStep)
        {
            _squaresSinceOpportunity = Tensor.Zeros([count], like.DType, like.Device).Persist();
            _rowsSinceOpportunity = new double[_ordered.Length];
        }

        int offset = 0;
        foreach (LayerCurvature curvature in _ordered)
        {
            _squares.Add(curvature, _allSquares.Slice(0, offset, curvature.Factors.Count).Persist());
            offset += curvature.Factors.Count;
        }
    }

    /// <summary>One forward and backward pass of a layer: its norms where a rule is set, its statistics where they are due.</summary>
    private void Gather(LayerCurvature curvature, in Observation observation)
    {
        if (IsRefreshDue)
        {
            _work?.Join(); // the inversion that is under way reads the factors that are about to be written
        }

        if (!Options.TraceRule.IsOff && curvature.HasTraces)
        {
            curvature.Measure(observation, _squares[curvature], hold: IsRefreshDue);
        }
        else if (IsRefreshDue)
        {
            curvature.Observe(observation);
        }
    }

    /// <summary>Forgets the norms of a step that is not taken.</summary>
    private void DiscardTraces()
    {
        if (_ordered.Any(static curvature => curvature.MeasuredRows > 0))
        {
            _allSquares?.Fill(0);
        }
    }

    /// <summary>Ends a step that is no opportunity: its norms are added to those since the last one.</summary>
    private void PassOpportunity()
    {
        AverageTraces();
        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.DropWaiting();
        }
    }

    private void AverageTraces()
    {
        if (!MeasuresEveryStep)
        {
            return;
        }

        _squaresSinceOpportunity!.AddInPlace(_allSquares!); // allocated where norms are taken on every step
        _allSquares!.Fill(0);
        for (int i = 0; i < _ordered.Length; i++)
        {
            _rowsSinceOpportunity[i] += _ordered[i].MeasuredRows;
        }
    }

    /// <summary>Decides on every layer that was looked at, and lets those that are refreshed form their statistics. Reads all norms in one copy.</summary>
    private List<LayerDecision> Decide(double lambda)
    {
        List<LayerDecision> decisions = [];
        double[] squares = [];
        if (_ordered.Any(static curvature => curvature.MeasuredRows > 0))
        {
            Tensor sums = _squaresSinceOpportunity ?? _allSquares!; // something was measured
            squares = sums.To(Device.Host).Cast(DType.Float64).ToArray<double>();
            sums.Fill(0);
        }

        int offset = 0;
        for (int i = 0; i < _ordered.Length; i++)
        {
            LayerCurvature curvature = _ordered[i];
            int count = curvature.Factors.Count;
            if (curvature.IsStopped)
            {
                decisions.Add(new LayerDecision(StepCount, curvature.Name, RefreshDecision.Stop, null, null, null));
            }
            else if (curvature.MeasuredRows > 0)
            {
                double rows = MeasuresEveryStep ? _rowsSinceOpportunity[i] : curvature.MeasuredRows;
                decisions.Add(Decide(curvature, curvature.Trace(squares.AsSpan(offset, count), rows), lambda));
            }
            else if (curvature.IsObserved)
            {
                decisions.Add(new LayerDecision(StepCount, curvature.Name, RefreshDecision.Refresh, null, null, null));
            }

            offset += count;
        }

        Array.Clear(_rowsSinceOpportunity);
        return decisions;
    }

    private LayerDecision Decide(LayerCurvature curvature, double trace, double lambda)
    {
        double damping = lambda * curvature.Dimension;
        double? change = curvature.Refreshes == 0 ? null : TraceRule.Change(curvature.HeldTrace + damping, trace + damping);
        RefreshDecision decision =
            change is null || IsTooOld(curvature) ? RefreshDecision.Refresh
            : Options.TraceRule.Decide(change.Value);
        if (decision == RefreshDecision.Refresh)
        {
            curvature.HeldTrace = trace;
            using PhaseClock.Lap? lap = Clock?.Measure(StepPhase.Statistics);
            curvature.ObserveWaiting();
        }
        else
        {
            curvature.IsStopped = decision == RefreshDecision.Stop;
            curvature.DropWaiting();
        }

        return new LayerDecision(StepCount, curvature.Name, decision, trace + damping, change, null);
    }

    private bool IsTooOld(LayerCurvature curvature) =>
        Options.MaximumStaleness is long limit && StepCount - curvature.RefreshedAt > limit;

    private void ReleaseTraces()
    {
        foreach (Tensor squares in _squares.Values)
        {
            squares.Dispose();
        }

        _allSquares?.Dispose();
        _squaresSinceOpportunity?.Dispose();
    }
}
