using System.IO.Enumeration;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Transforms the gradients of a model by tiled Kronecker-factored curvature. It watches the layers that implement
/// <see cref="ICurvatureLayer"/>; everything else, and excluded layers, is left to the first-order rule that it stands in front of.
/// </summary>
/// <remarks>
/// Only on steps where a refresh is due are statistics gathered, directly from activations and output gradients during the backward
/// pass. All factors lie in one tensor and all inverses in another, so that one launch inverts and one launch preconditions all layers.
/// </remarks>
public sealed partial class KroneckerPreconditioner : Preconditioner, ICurvatureObserver
{
    /// <summary>Factors begin at multiples of this many elements, so that their tiles begin at cache lines.</summary>
    private const int Alignment = 16;

    private readonly Dictionary<ICurvatureLayer, LayerCurvature> _layers = [];
    private readonly LayerCurvature[] _ordered;
    private readonly Backend? _backend;
    private readonly Tensor? _factors;
    private readonly Tensor? _inverses;
    private Tensor? _spare;

    /// <summary>Watches a model from now on, until it is disposed.</summary>
    /// <param name="model">The model; on the device where it will be trained.</param>
    /// <param name="options">Settings; by default those of <see cref="KroneckerOptions"/>.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or layers are on different devices or of different element types.</exception>
    /// <exception cref="InvalidOperationException">A layer is watched by another preconditioner.</exception>
    public KroneckerPreconditioner(Module model, KroneckerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new KroneckerOptions();
        Validate(Options);
        _labels = new RandomStream(Options.FisherSeed);
        List<LayerCurvature> ordered = [];
        List<string> unhandled = [];
        foreach ((string path, Module module) in model.Modules())
        {
            string name = path.Length == 0 ? module.GetType().Name : path;
            if (module is not ICurvatureLayer layer || Options.Excluded.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
                || (module is BatchNorm2d && Options.Norm == NormRule.Diagonal))
            {
                continue;
            }

            if (layer.Observer is not null)
            {
                throw new InvalidOperationException($"The layer '{name}' is watched by another preconditioner; dispose that one first.");
            }

            if (LayerCurvature.For(name, layer, Options) is LayerCurvature curvature)
            {
                ordered.Add(curvature);
            }
            else
            {
                unhandled.Add($"{name}: no curvature is known for {module.GetType().Name}");
            }
        }

        // A weight that several modules share, watched or not, has no single A and G.
        ILookup<Parameter, string> owners = model.Modules()
            .SelectMany(static module => module.Value.OwnParameters.Select(parameter => (parameter.Value, Path: module.Key)))
            .ToLookup(static owner => owner.Value, static owner => owner.Path);
        foreach (LayerCurvature curvature in ordered.Where(curvature => owners[curvature.Layer.Weight].Count() > 1).ToArray())
        {
            ordered.Remove(curvature);
            unhandled.Add($"{curvature.Name}: its weight is shared by {string.Join(", ", owners[curvature.Layer.Weight])}");
        }

        FirstOrderLayers = unhandled;
        _ordered = [.. ordered];
        RequireEigenvectors();
        if (_ordered.Length > 0)
        {
            Tensor weight = _ordered[0].Layer.Weight.Value;
            _backend = weight.Device.Backend;
            (_factors, _inverses) = Allocate(weight);
            AllocateTraces(weight);
        }

        if (Options.TensorClip is not null || Options.Grafting != Grafting.None)
        {
            HashSet<Parameter> watched = [.. _ordered.SelectMany(static curvature => new[] { curvature.Layer.Weight, curvature.Layer.Bias }).OfType<Parameter>()];
            _shape = new StepShape(Options.Grafting, Options.TensorClip, model.NamedParameters().Where(entry => watched.Contains(entry.Value)));
        }

        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Layer.Observer = this;
            _layers.Add(curvature.Layer, curvature);
        }
    }

    /// <summary>The settings.</summary>
    public KroneckerOptions Options { get; }

    /// <summary>The layers that are watched, in the model's order.</summary>
    public IReadOnlyList<LayerCurvature> Layers => _ordered;

    /// <summary>Layers with curvature that is not handled, and why; they are trained first-order.</summary>
    public IReadOnlyList<string> FirstOrderLayers { get; }

    /// <inheritdoc/>
    public bool IsCapturing => !IsSuspended && (IsRefreshDue || MeasuresEveryStep);

    /// <summary>How many pairs of activations and output gradients were looked at so far.</summary>
    public long Observations { get; private set; }

    /// <summary>The curvature of a layer.</summary>
    /// <exception cref="KeyNotFoundException">The layer is not watched.</exception>
    public LayerCurvature this[ICurvatureLayer layer] => _layers[layer];

    /// <inheritdoc/>
    public void Observe(ICurvatureLayer layer, Variable input, Variable output)
    {
        if (_layers.TryGetValue(layer, out LayerCurvature? curvature) && !curvature.IsStopped)
        {
            output.OnGradient((gradient, scale) => Look(curvature, input.Value, gradient, scale));
            if (DrawsFromModel)
            {
                _captured.Add(output);
            }
        }
    }

    /// <inheritdoc/>
    public override void Discard()
    {
        DiscardTraces();
        _captured.Clear();
        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Discard();
        }
    }

    /// <summary>Stops watching and gives all memory back. Waits for the device if the last report has not been read.</summary>
    protected override void Dispose(bool disposing)
    {
        _work?.Join();
        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Layer.Observer = null;
            curvature.Release();
        }

        ReleaseTraces();
        _clip?.Dispose();
        _shape?.Dispose();
        _factors?.Dispose();
        _inverses?.Dispose();
        _spare?.Dispose();
        _counters?.Dispose();
        _traces?.Dispose();
        _tileStates?.Dispose();
        _recoveryCounts?.Dispose();
        _position?.Dispose();
        _ = LastRefresh?.Failures; // the last report outlives the preconditioner; at the end, because it may find the device lost
    }

    private static void Validate(KroneckerOptions options)
    {
        if (options.TileSize < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.TileSize, "TileSize must be at least 1.");
        }

        if (!(options.StatisticsDecay is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.StatisticsDecay, "StatisticsDecay must be in [0, 1).");
        }

        if (!(options.StatisticsShare is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.StatisticsShare, "StatisticsShare must be in (0, 1].");
        }

        if (options.FisherSamples < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.FisherSamples, "FisherSamples must be at least 1.");
        }

        if (options.KlClip is double bound && !(bound > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(options), bound, "KlClip must be above 0, or null.");
        }

        if (options.MaximumStaleness is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumStaleness, "MaximumStaleness must be at least 1, or null.");
        }

        if (options.RefreshDelay < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.RefreshDelay, "RefreshDelay must not be negative.");
        }

        if (options.StalenessProbe is double threshold && !(threshold >= 0 && !options.TraceRule.IsOff))
        {
            throw new ArgumentOutOfRangeException(nameof(options), threshold, "StalenessProbe must not be negative, and needs a TraceRule.");
        }

        if (options.TraceAveraging && options.TraceRule.IsOff)
        {
            throw new ArgumentException("TraceAveraging needs a TraceRule: without one no traces are taken.", nameof(options));
        }

        if (options.TensorClip is double clip && !(clip > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(options), clip, "TensorClip must be above 0, or null.");
        }

        if (options.MomentDecay is double decay && !(decay is >= 0 and < 1 && options.DampingSplit == DampingSplit.Exact))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), decay, $"MomentDecay must be in [0, 1) and goes with DampingSplit.{DampingSplit.Exact} only, not {options.DampingSplit}.");
        }

        if (options.DampingSplit == DampingSplit.Exact && options.Fisher == FisherEstimator.InputOnly)
        {
            throw new ArgumentException(
                $"DampingSplit.{DampingSplit.Exact} needs both factors; with A alone, as of FisherEstimator.{FisherEstimator.InputOnly}, no damping has to be shared out.", nameof(options));
        }

        if (options.DampingSplit == DampingSplit.Exact && (options.RefreshDelay > 0 || !(options.Damping.At(0) > 0)))
        {
            throw new ArgumentException(
                $"DampingSplit.{DampingSplit.Exact} needs damping above 0 and takes new eigenvectors at once: Damping begins at {options.Damping.At(0)}, RefreshDelay is {options.RefreshDelay}.",
                nameof(options));
        }

        if (!(options.Damping.At(0) >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Damping.At(0), "Damping must not be negative.");
        }
    }

    /// <summary>One tensor for all factors, one for all inverses, and one for what is gathered where a moving average needs it apart.</summary>
    private (Tensor Factors, Tensor Inverses) Allocate(Tensor like)
    {
        long length = 0;
        foreach (LayerCurvature curvature in _ordered)
        {
            Tensor weight = curvature.Layer.Weight.Value;
            if (weight.Device != like.Device || weight.DType != like.DType)
            {
                throw new ArgumentException($"All layers with curvature must have one device and element type; '{curvature.Name}' has {weight}, '{_ordered[0].Name}' {like}.");
            }

            length += curvature.Factors.Sum(static factor => Aligned(factor.Length));
        }

        Tensor factors = Tensor.Zeros([checked((int)length)], like.DType, like.Device).Persist();
        Tensor inverses = Tensor.Zeros([(int)length], like.DType, like.Device).Persist();
        _spare = Options.RefreshDelay > 0 ? Tensor.Zeros([(int)length], like.DType, like.Device).Persist() : null;
        Tensor fresh = Options.StatisticsDecay > 0 ? Tensor.Zeros([(int)length], like.DType, like.Device) : factors;
        long offset = 0;
        foreach (KroneckerFactor factor in _ordered.SelectMany(static curvature => curvature.Factors))
        {
            factor.Bind(factors, inverses, fresh, _spare, offset);
            if (IsExact)
            {
                factor.BindEigen();
            }

            offset += Aligned(factor.Length);
        }

        if (fresh != factors)
        {
            fresh.Dispose(); // the factors' views keep the memory
        }

        return (factors, inverses);
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
