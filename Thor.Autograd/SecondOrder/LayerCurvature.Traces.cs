using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <content>Traces of A and G, which are known before either is formed: tr(X^T X) / N = |X|^2 / N.</content>
public abstract partial class LayerCurvature
{
    private readonly List<Observation> _waiting = [];

    /// <summary>Whether the trace rule has stopped the layer: what it holds stays for good.</summary>
    public bool IsStopped { get; internal set; }

    /// <summary>tr F of the curvature in use, without damping; NaN where no trace was taken.</summary>
    public double HeldTrace { get; internal set; } = double.NaN;

    /// <summary>The step of the last refresh; -1 before the first.</summary>
    public long RefreshedAt { get; internal set; } = -1;

    /// <summary>How often covariances of this layer were formed. A layer that the trace rule skips forms none.</summary>
    public long Covariances { get; private set; }

    /// <summary>Whether traces of its factors can be taken before they are formed.</summary>
    internal virtual bool HasTraces => false;

    /// <summary>Rows that were measured since <see cref="DropWaiting"/>.</summary>
    internal long MeasuredRows { get; private set; }

    /// <summary>What lambda is multiplied by in tr(F + lambda I): the rows of F.</summary>
    internal double Dimension
    {
        get
        {
            double sum = 0;
            foreach (KroneckerFactor a in Factors.Where(static factor => factor.Side == FactorSide.Input))
            {
                sum += (double)a.Dimension * Outputs;
            }

            return sum;
        }
    }

    /// <summary>Rows of each G, formed or not.</summary>
    private protected virtual int Outputs => 0;

    /// <summary>A part of the trace of A that is the same in every batch: that of a column of ones.</summary>
    private protected virtual double ConstantTrace => 0;

    /// <summary>Adds the squares of one forward and backward pass to what the traces are made of.</summary>
    /// <param name="observation">The pass.</param>
    /// <param name="squares">One element for each factor: |X|^2 and c^2 |dout|^2, summed over passes.</param>
    /// <param name="hold">Whether the pass may be asked for its statistics: views of both tensors are kept until the decision.</param>
    internal void Measure(in Observation observation, Tensor squares, bool hold)
    {
        long rows = Rows(observation);
        if (rows == 0)
        {
            return;
        }

        if (observation.IsFirst)
        {
            AddInputSquares(observation, squares);
            MeasuredRows += rows;
        }

        if (HasOutputFactor)
        {
            AddOutputSquares(observation, squares);
        }

        if (hold)
        {
            _waiting.Add(observation with { Input = observation.Input.Alias().Persist(), Gradient = observation.Gradient.Alias().Persist() });
        }
    }

    /// <summary>tr F = T sum over groups of tr A tr G.</summary>
    /// <param name="squares">As <see cref="Measure"/> sums them.</param>
    /// <param name="rows">Rows that were summed over.</param>
    internal double Trace(ReadOnlySpan<double> squares, double rows)
    {
        double sum = 0;
        for (int i = 0; i < squares.Length; i += HasOutputFactor ? 2 : 1)
        {
            sum += ((squares[i] / rows) + ConstantTrace) * (HasOutputFactor ? squares[i + 1] / rows : Outputs);
        }

        return Positions * sum;
    }

    /// <summary>Forms the statistics of the passes that were held.</summary>
    internal void ObserveWaiting()
    {
        foreach (Observation observation in _waiting)
        {
            Observe(observation);
        }

        DropWaiting();
    }

    /// <summary>Lets go of the passes that were held.</summary>
    internal void DropWaiting()
    {
        foreach (Observation observation in _waiting)
        {
            observation.Input.Dispose();
            observation.Gradient.Dispose();
        }

        _waiting.Clear();
        MeasuredRows = 0;
    }

    /// <summary>Adds |X|^2 of each group to the element of its A.</summary>
    private protected virtual void AddInputSquares(in Observation observation, Tensor squares) =>
        throw new NotSupportedException($"{Name} has no traces.");

    /// <summary>Adds c^2 |dout|^2 of each group to the element of its G. Called where there is one.</summary>
    private protected virtual void AddOutputSquares(in Observation observation, Tensor squares) =>
        throw new NotSupportedException($"{Name} has no traces.");

    /// <summary>Adds scale times the sum of all squares of a tensor to one element.</summary>
    private protected static void AddSquares(Tensor values, Tensor squares, int index, double scale = 1) =>
        squares.Slice(0, index, 1).AddInPlace(values.Reduce(ReduceOperation.SumOfSquares, []).Reshape(1), scale);
}
