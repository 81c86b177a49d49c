using Thor.Autograd.Optimizers;

namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of a <see cref="KroneckerPreconditioner"/>. The defaults train convolutional networks on mean cross-entropy.</summary>
public record KroneckerOptions
{
    /// <summary>A tile size that leaves every factor whole.</summary>
    public const int Whole = int.MaxValue;

    /// <summary>Rows and columns of the diagonal tiles that the factors are cut into; at least the largest factor's, or <see cref="Whole"/>, for whole factors.</summary>
    public int TileSize { get; init; } = 128;

    /// <summary>lambda, the Tikhonov damping of the product A kron G, by step.</summary>
    public Schedule Damping { get; init; } = 0.03;

    /// <summary>How lambda is split over A and G.</summary>
    public DampingSplit DampingSplit { get; init; } = DampingSplit.Plain;

    /// <summary>When factors are computed afresh and inverted.</summary>
    public RefreshSchedule Refresh { get; init; } = RefreshSchedule.Default;

    /// <summary>
    /// Bound k on lr^2 times the inner product of preconditioned and plain gradient; a step beyond it is shortened. Null: no bound.
    /// About 1e-3 for mean cross-entropy, 1e-2 with batch norm, 0.1 for a loss that is summed over outputs.
    /// </summary>
    public double? KlClip { get; init; } = 1e-3;

    /// <summary>0: factors come from the one batch of the refresh step. Else the decay of their moving average, corrected for its start.</summary>
    public double StatisticsDecay { get; init; }

    /// <summary>What happens to biases.</summary>
    public BiasRule Bias { get; init; } = BiasRule.FirstOrder;

    /// <summary>Layers that are trained first-order: their dotted names, with * for any characters and ? for one.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>Which layers are worth refreshing when <see cref="Refresh"/> offers it; by default all.</summary>
    public TraceRule TraceRule { get; init; } = TraceRule.Off;

    /// <summary>
    /// The rule looks at traces averaged over all steps since the last opportunity instead of those of one batch, whose noise drowns small
    /// changes; what it compares with is the average that led to the last refresh. Norms are then taken on every step, which keeps recorded steps (<see cref="Training.RecordedStep"/>) from being replayed.
    /// </summary>
    public bool TraceAveraging { get; init; }

    /// <summary>
    /// Beside the trace, which is blind to rotation: products of the curvature with fixed vectors are compared with those of the curvature in use, and a layer in which they
    /// differ by more than this share is refreshed whatever the rule says. Infinity measures and logs alone. Null: off. Needs a <see cref="TraceRule"/>.
    /// </summary>
    public double? StalenessProbe { get; init; }

    /// <summary>A layer whose curvature is older than that many steps is refreshed at the next opportunity whatever the rule says, unless it has stopped; null: no limit.</summary>
    public long? MaximumStaleness { get; init; }

    /// <summary>
    /// Steps for which training goes on with the inverses it holds while new ones are computed beside it, on a second queue or thread. The switch comes
    /// exactly so many steps after the refresh, so that results do not depend on timing. 0: new inverses are used at once.
    /// </summary>
    public int RefreshDelay { get; init; }

    /// <summary>What happens to tiles that cannot be inverted.</summary>
    public RecoveryLadder Recovery { get; init; } = RecoveryLadder.NoWait;

    /// <summary>
    /// Which gradients G is made of. Those of the model's own distribution need the loss between the forward and the backward pass:
    /// <see cref="Optimizers.Optimizer.ObserveLoss"/>, which a trainer calls.
    /// </summary>
    public FisherEstimator Fisher { get; init; } = FisherEstimator.Empirical;

    /// <summary>Labels drawn for each output by <see cref="FisherEstimator.MonteCarlo"/>.</summary>
    public int FisherSamples { get; init; } = 1;

    /// <summary>Seed of the stream that labels are drawn from; its position is part of the state.</summary>
    public ulong FisherSeed { get; init; } = 1;

    /// <summary>How layers that use their weight at several positions become one A and one G.</summary>
    public WeightSharing Sharing { get; init; } = WeightSharing.Expand;

    /// <summary>
    /// The part of each batch, from its first sample on, that factors are made of, in (0, 1]; at least one sample. Means stay means:
    /// only their noise and the cost of covariances depend on it.
    /// </summary>
    public double StatisticsShare { get; init; } = 1;

    /// <summary>
    /// EKFAC (George et al. 2018): decay of a moving average, over all steps, of squared gradients in the eigenvectors of the factors, which takes the place of the
    /// products of eigenvalues and begins there at every refresh. Squares are those of the batch's mean gradient times B: the mean square over samples, which the
    /// paper's costlier form takes, where gradients are mostly noise. Null: the products stay. For <see cref="DampingSplit.Exact"/>.
    /// </summary>
    public double? MomentDecay { get; init; }

    /// <summary>What happens to the weights and biases of normalisations.</summary>
    public NormRule Norm { get; init; } = NormRule.Diagonal;

    /// <summary>Bound on the norm of each preconditioned direction, tensor by tensor; null: none. 1 in the original.</summary>
    public double? TensorClip { get; init; }

    /// <summary>Whose step length each preconditioned direction takes over, before anything is clipped.</summary>
    public Grafting Grafting { get; init; } = Grafting.None;
}
