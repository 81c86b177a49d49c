using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// What the preconditioner knows of one layer: its statistics, how to gather them from what the layer saw, and how to
/// precondition the gradients of its parameters. One class for each kind of layer.
/// </summary>
/// <remarks>
/// The conventions of all kinds, with B the samples of the batch (rows of the leading axis of what the layer saw), N the rows the layer
/// sees (B times the positions of each sample) and dout the gradient that the backward pass brings to the layer's output. The loss has
/// weighted every sample, a mean by 1 / B, and perhaps the pass all of them; <see cref="GradientScale"/> knows, so that c dout, with c = B for a
/// mean, is the gradient of the loss of one sample:
/// A = X^T X / N, G = (c dout)^T (c dout) / N, and the update is G^-1 dW A^-1. Neither the reduction of the loss, nor its scale, nor repeating the
/// batch changes them. Several observations before one refresh count as one batch, each with the weight of its rows.
/// </remarks>
public abstract partial class LayerCurvature
{
    private long _rows;

    private protected LayerCurvature(string name, ICurvatureLayer layer, KroneckerOptions options)
    {
        Name = name;
        Layer = layer;
        Options = options;
    }

    /// <summary>Dotted name of the layer.</summary>
    public string Name { get; }

    /// <summary>The layer.</summary>
    public ICurvatureLayer Layer { get; }

    /// <summary>The factors, A before G; none for rules that need the gradient only.</summary>
    public IReadOnlyList<KroneckerFactor> Factors { get; private protected init; } = [];

    /// <summary>How often the layer had fresh statistics at a refresh. Before the first time its gradients pass unchanged.</summary>
    public long Refreshes { get; private set; }

    /// <summary>B of the last observation.</summary>
    public int BatchSize { get; private set; }

    /// <summary>T: the output positions of a convolution at the last observation, else 1.</summary>
    public int Positions { get; private protected set; } = 1;

    /// <summary>Statistics have come in since the last refresh.</summary>
    internal bool IsObserved => _rows > 0;

    /// <summary>The settings.</summary>
    private protected KroneckerOptions Options { get; }

    /// <summary>Whether there is a G; else it is the identity.</summary>
    private protected virtual bool HasOutputFactor => Options.Fisher != FisherEstimator.InputOnly;

    /// <summary>The curvature of a layer, or null where its kind is not handled.</summary>
    internal static LayerCurvature? For(string name, ICurvatureLayer layer, KroneckerOptions options) => layer switch
    {
        Linear => new DenseCurvature(name, layer, options),
        Conv2d convolution => new ConvolutionCurvature(name, convolution, options),
        Embedding => new EmbeddingCurvature(name, layer, options),
        LayerNorm norm when options.Norm == NormRule.UnitWise => new NormBlockCurvature(name, norm, norm.Epsilon, options),
        BatchNorm2d norm when options.Norm == NormRule.UnitWise => new NormBlockCurvature(name, norm, norm.Epsilon, options),
        LayerNorm => new NormCurvature(name, layer, options),
        _ => null,
    };

    /// <summary>What is looked at of one forward and backward pass: all samples, or the first of them.</summary>
    /// <param name="input">What went in.</param>
    /// <param name="gradient">dout.</param>
    /// <param name="scale">How dout is weighted.</param>
    /// <param name="isFirst">As in <see cref="Observation"/>.</param>
    internal virtual Observation Look(Tensor input, Tensor gradient, GradientScale scale, bool isFirst)
    {
        if (input.Shape.Rank == gradient.Shape.Rank && input.Shape.Rank == 1)
        {
            (input, gradient) = (input.Unsqueeze(0), gradient.Unsqueeze(0)); // one sample that came without a batch axis
        }

        BatchSize = input.Shape[0];
        double c = scale.ToSample(BatchSize);
        return Options.StatisticsShare == 1
            ? new Observation(input, gradient, c, isFirst)
            : new Observation(Part(input), Part(gradient), c, isFirst);
    }

    /// <summary>Adds one forward and backward pass to the statistics.</summary>
    internal void Observe(in Observation observation)
    {
        long rows = Rows(observation);
        if (rows == 0)
        {
            return;
        }

        // A running mean over observations: the first one replaces what was there.
        double total = observation.IsFirst ? _rows + rows : _rows;
        double keep = observation.IsFirst ? _rows / total : 1;
        if (observation.IsFirst)
        {
            GatherInput(observation, rows / total, keep);
            _rows += rows;
        }

        if (HasOutputFactor)
        {
            GatherOutput(observation, rows / total, keep);
        }

        Covariances++;
    }

    /// <summary>Forgets what was observed since the last refresh.</summary>
    internal void Discard()
    {
        _rows = 0;
        DropWaiting();
    }

    /// <summary>Takes the observed statistics over, into a moving average if there is one.</summary>
    /// <param name="step">The step of the refresh.</param>
    internal void Refresh(long step)
    {
        _rows = 0;
        Refreshes++;
        RefreshedAt = step;
        double decay = Options.StatisticsDecay;
        if (decay > 0)
        {
            // The stored average is the corrected one: its weight and the newcomer's add up to 1 from the first refresh on.
            double newcomer = (1 - decay) / (1 - Math.Pow(decay, Refreshes));
            foreach (KroneckerFactor factor in Factors)
            {
                // What is not finite must not enter: an average would never be rid of it.
                Tensor mixed = (factor.Tiles * (1 - newcomer)).AddInPlace(factor.Fresh, newcomer);
                factor.Tiles.CopyFrom(Tensor.Where(mixed.Map(UnaryOperation.IsFinite), mixed, factor.Tiles));
            }
        }
    }

    /// <summary>Sets the damping of the factors.</summary>
    /// <param name="lambda">Damping of the product.</param>
    /// <param name="means">Of each factor tr / dim, where the damping depends on it; else none.</param>
    internal virtual void Damp(double lambda, ReadOnlySpan<double> means)
    {
        if (!HasOutputFactor)
        {
            // T (A kron I) + lambda I: the damping is that of A alone.
            foreach (KroneckerFactor factor in Factors)
            {
                factor.Damping = lambda / Positions;
            }

            return;
        }

        for (int i = 0; i < Factors.Count; i += 2)
        {
            Damping damping = means.IsEmpty ? Damping.Plain(lambda, Positions) : Damping.Pi(lambda, Positions, means[i], means[i + 1]);
            Factors[i].Damping = damping.Input;
            Factors[i + 1].Damping = damping.Output;
        }
    }

    /// <summary>The curvature along each pair of eigenvectors, (outputs, inputs), where the layer has any with <see cref="DampingSplit.Exact"/>; else null.</summary>
    internal virtual Tensor? Moments => null;

    /// <summary>Sets it to the products of eigenvalues.</summary>
    internal virtual void ResetMoments()
    {
        // Rules that need the gradient only have none.
    }

    /// <summary>Adds what is to be done for this layer's gradients in this step. Called after the first refresh.</summary>
    internal abstract void Precondition(PreconditioningPass pass);

    /// <summary>Gives the memory of directions back.</summary>
    internal virtual void Release()
    {
        DropWaiting();
        ReleaseProbe();
        foreach (KroneckerFactor factor in Factors)
        {
            factor.Release();
        }
    }

    /// <summary>Restores the counters.</summary>
    internal void Restore(long refreshes, int batchSize, int positions)
    {
        _rows = 0;
        Refreshes = refreshes;
        BatchSize = batchSize;
        Positions = positions;
    }

    /// <summary>N.</summary>
    private protected abstract long Rows(in Observation observation);

    /// <summary>A gathered = keep * A gathered + weight * that of this observation.</summary>
    private protected abstract void GatherInput(in Observation observation, double weight, double keep);

    /// <summary>G gathered = keep * G gathered + weight * that of this observation. Called after <see cref="GatherInput"/>.</summary>
    private protected abstract void GatherOutput(in Observation observation, double weight, double keep);

    /// <summary>The first samples of a batch, as many as statistics are made of.</summary>
    private protected Tensor Part(Tensor batch) =>
        batch.Slice(0, 0, Math.Clamp((int)Math.Ceiling(Options.StatisticsShare * batch.Shape[0]), Math.Min(1, batch.Shape[0]), batch.Shape[0]));

    /// <summary>A and G of a layer, or of one group of a convolution; A alone where G is the identity.</summary>
    private protected KroneckerFactor[] Pair(string suffix, (int Dimension, int TileSize) input, (int Dimension, int TileSize) output)
    {
        KroneckerFactor a = new(Name, $"{Name}.A{suffix}", FactorSide.Input, input.Dimension, input.TileSize);
        return HasOutputFactor ? [a, new(Name, $"{Name}.G{suffix}", FactorSide.Output, output.Dimension, output.TileSize)] : [a];
    }

    /// <summary>result = rows times a matrix over a factor's side, given by its packed diagonal tiles.</summary>
    private protected static void Times(Tensor rows, KroneckerFactor factor, Tensor run, Tensor result)
    {
        for (int tile = 0; tile < factor.TileCount; tile++)
        {
            int start = tile * factor.TileSize;
            int width = TileLayout.Dimension(factor.Dimension, factor.TileSize, tile);
            result.Slice(1, start, width).CopyFrom(rows.Slice(1, start, width).MatMul(factor.Tile(run, tile)));
        }
    }
}
