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
/// sees (B times the positions of each sample) and dout the gradient of the batch-mean loss with respect to the layer's output. A mean over
/// the batch has divided every sample's gradient by B, so B dout is the gradient of the per-sample loss:
/// A = X^T X / N, G = (B dout)^T (B dout) / N, and the update is G^-1 dW A^-1. Repeating the batch changes neither.
/// Several observations before one refresh count as one batch, each with the weight of its rows.
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

    /// <summary>The curvature of a layer, or null where its kind is not handled.</summary>
    internal static LayerCurvature? For(string name, ICurvatureLayer layer, KroneckerOptions options) => layer switch
    {
        Linear => new DenseCurvature(name, layer, options),
        Conv2d convolution => new ConvolutionCurvature(name, convolution, options),
        Embedding => new EmbeddingCurvature(name, layer, options),
        LayerNorm => new NormCurvature(name, layer, options),
        _ => null,
    };

    /// <summary>Adds one forward and backward pass to the statistics. Both tensors are alive during the call only.</summary>
    /// <param name="input">What went in.</param>
    /// <param name="gradient">dout.</param>
    internal void Observe(Tensor input, Tensor gradient)
    {
        BatchSize = input.Shape[0];
        long rows = Rows(input, gradient);
        if (rows == 0)
        {
            return;
        }

        // A running mean over observations: the first one replaces what was there.
        double total = _rows + rows;
        Accumulate(input, gradient, rows / total, _rows / total);
        _rows += rows;
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
                factor.Tiles.MapInPlace(BinaryOperation.Multiply, 1 - newcomer).AddInPlace(factor.Fresh, newcomer);
            }
        }
    }

    /// <summary>Sets the damping of the factors.</summary>
    /// <param name="lambda">Damping of the product.</param>
    /// <param name="means">Of each factor tr / dim, where the damping depends on it; else none.</param>
    internal void Damp(double lambda, ReadOnlySpan<double> means)
    {
        for (int i = 0; i < Factors.Count; i += 2)
        {
            Damping damping = means.IsEmpty ? Damping.Plain(lambda, Positions) : Damping.Pi(lambda, Positions, means[i], means[i + 1]);
            Factors[i].Damping = damping.Input;
            Factors[i + 1].Damping = damping.Output;
        }
    }

    /// <summary>Adds what is to be done for this layer's gradients in this step. Called after the first refresh.</summary>
    internal abstract void Precondition(PreconditioningPass pass);

    /// <summary>Gives the memory of directions back.</summary>
    internal virtual void Release()
    {
        DropWaiting();
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
    private protected abstract long Rows(Tensor input, Tensor gradient);

    /// <summary>Fresh statistics = keep * fresh statistics + weight * those of this observation.</summary>
    private protected abstract void Accumulate(Tensor input, Tensor gradient, double weight, double keep);

    /// <summary>A and G of a layer, or of one group of a convolution.</summary>
    private protected KroneckerFactor[] Pair(string suffix, (int Dimension, int TileSize) input, (int Dimension, int TileSize) output) =>
    [
        new(Name, $"{Name}.A{suffix}", FactorSide.Input, input.Dimension, input.TileSize),
        new(Name, $"{Name}.G{suffix}", FactorSide.Output, output.Dimension, output.TileSize),
    ];
}
