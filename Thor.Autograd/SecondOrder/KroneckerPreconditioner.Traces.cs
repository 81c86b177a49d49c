using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.SecondOrder;

/// <content>Which layers are refreshed at an opportunity, decided from norms before any covariance is formed.</content>
public sealed partial class KroneckerPreconditioner
{
    private const ulong ProbeSeed = 0x50726F6265; // "Probe" in ASCII

    private readonly Dictionary<LayerCurvature, Tensor> _squares = [];
    private readonly List<(LayerCurvature Layer, Tensor Numbers)> _probes = [];
    private Tensor? _allSquares;
    private Tensor? _allProbes;
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

        if (Options.StalenessProbe is not null)
        {
            AllocateProbes(like);
        }

        int offset = 0;
        foreach (LayerCurvature curvature in _ordered)
        {
            _squares.Add(curvature, _allSquares.Slice(0, offset, curvature.Factors.Count).Persist());
            offset += curvature.Factors.Count;
        }
    }

    private void AllocateProbes(Tensor like)
    {
        LayerCurvature[] layers = [.. _ordered.Where(static curvature => curvature.HasTraces)];
        _allProbes = Tensor.Zeros([layers.Sum(static curvature => curvature.ProbeNumbers)], like.DType, like.Device).Persist();
        int offset = 0;
        foreach (LayerCurvature curvature in layers)
        {
            curvature.AllocateProbe(new RandomStream(ProbeSeed).Fork((ulong)_probes.Count), like);
            _probes.Add((curvature, _allProbes.Slice(0, offset, curvature.ProbeNumbers).Persist()));
            offset += curvature.ProbeNumbers;
        }
    }

    /// <summary>How far the curvature of each layer that was looked at has turned. Reads the numbers of all in one copy.</summary>
    private Dictionary<LayerCurvature, double> Turned()
    {
        Dictionary<LayerCurvature, double> turned = [];
        if (_allProbes is null)
        {
            return turned;
        }

        foreach ((LayerCurvature layer, Tensor numbers) in _probes.Where(static probe => probe.Layer.MeasuredRows > 0))
        {
            layer.Probe(numbers);
        }

        double[] all = _allProbes.To(Device.Host).Cast(DType.Float64).ToArray<double>();
        int offset = 0;
        foreach ((LayerCurvature layer, _) in _probes)
        {
            if (layer.MeasuredRows > 0 && HasReference(layer))
            {
                turned.Add(layer, layer.Turned(all.AsSpan(offset, layer.ProbeNumbers)));
            }

            offset += layer.ProbeNumbers;
        }

        return turned;
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

        Dictionary<LayerCurvature, double> turned = Turned();
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
                decisions.Add(Decide(curvature, curvature.Trace(squares.AsSpan(offset, count), rows), turned.TryGetValue(curvature, out double probe) ? probe : null, lambda));
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

    private LayerDecision Decide(LayerCurvature curvature, double trace, double? turned, double lambda)
    {
        double damping = lambda * curvature.Dimension;
        double? change = !HasReference(curvature) ? null : TraceRule.Change(curvature.HeldTrace + damping, trace + damping);
        RefreshDecision decision =
            change is null || IsTooOld(curvature) || turned > Options.StalenessProbe ? RefreshDecision.Refresh
            : Options.TraceRule.Decide(change.Value);
        if (decision == RefreshDecision.Refresh)
        {
            curvature.HeldTrace = trace;
            curvature.HoldProbe();
            using PhaseClock.Lap? lap = Clock?.Measure(StepPhase.Statistics);
            curvature.ObserveWaiting();
        }
        else
        {
            curvature.IsStopped = decision == RefreshDecision.Stop;
            curvature.DropWaiting();
        }

        return new LayerDecision(StepCount, curvature.Name, decision, trace + damping, change, turned);
    }

    /// <summary>Whether there is something that traces can be compared with. Factors that were read from a file have none.</summary>
    private static bool HasReference(LayerCurvature curvature) => curvature.Refreshes > 0 && !double.IsNaN(curvature.HeldTrace);

    private bool IsTooOld(LayerCurvature curvature) =>
        Options.MaximumStaleness is long limit && StepCount - curvature.RefreshedAt > limit;

    private void ReleaseTraces()
    {
        foreach (Tensor squares in _squares.Values)
        {
            squares.Dispose();
        }

        foreach ((_, Tensor numbers) in _probes)
        {
            numbers.Dispose();
        }

        _allProbes?.Dispose();
        _allSquares?.Dispose();
        _squaresSinceOpportunity?.Dispose();
    }
}
