using System.IO.Enumeration;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Transforms the gradients of a model by tiled Kronecker-factored curvature. It watches the layers that implement
/// <see cref="ICurvatureLayer"/>; everything else, and excluded layers, is left to the first-order rule that it stands in front of.
/// </summary>
/// <remarks>
/// Only on steps where a refresh is due are statistics gathered, directly from activations and output gradients during the backward
/// pass. All factors lie in one tensor and all inverses in another, so that one launch inverts and one launch preconditions all layers.
/// </remarks>
public sealed partial class KroneckerPreconditioner : ICurvatureObserver, IGradientTransform, IDisposable
{
    /// <summary>Factors begin at multiples of this many elements, so that their tiles begin at cache lines.</summary>
    private const int Alignment = 16;

    private readonly Dictionary<ICurvatureLayer, LayerCurvature> _layers = [];
    private readonly LayerCurvature[] _ordered;
    private readonly PreconditioningPass _pass = new();
    private readonly Backend? _backend;
    private readonly Tensor? _factors;
    private readonly Tensor? _inverses;
    private Tensor? _clip;

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
        List<LayerCurvature> ordered = [];
        List<string> unhandled = [];
        foreach ((string path, Module module) in model.Modules())
        {
            string name = path.Length == 0 ? module.GetType().Name : path;
            if (module is not ICurvatureLayer layer || Options.Excluded.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)))
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

        // A weight that several layers share has no single A and G.
        foreach (IGrouping<Parameter, LayerCurvature> shared in ordered.GroupBy(static l => l.Layer.Weight).Where(static g => g.Count() > 1).ToArray())
        {
            foreach (LayerCurvature curvature in shared)
            {
                ordered.Remove(curvature);
                unhandled.Add($"{curvature.Name}: its weight is shared by {string.Join(", ", shared.Select(static l => l.Name))}");
            }
        }

        FirstOrderLayers = unhandled;
        _ordered = [.. ordered];
        if (_ordered.Length > 0)
        {
            Tensor weight = _ordered[0].Layer.Weight.Value;
            _backend = weight.Device.Backend;
            (_factors, _inverses) = Allocate(weight);
        }

        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Layer.Observer = this;
            _layers.Add(curvature.Layer, curvature);
        }
    }

    /// <summary>After every refresh, with what was done; the place to log failed tiles, which waits for the device.</summary>
    public event EventHandler<RefreshReport>? Refreshed;

    /// <summary>The settings.</summary>
    public KroneckerOptions Options { get; }

    /// <summary>The layers that are watched, in the model's order.</summary>
    public IReadOnlyList<LayerCurvature> Layers => _ordered;

    /// <summary>Layers with curvature that is not handled, and why; they are trained first-order.</summary>
    public IReadOnlyList<string> FirstOrderLayers { get; }

    /// <summary>Number of steps taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>Whether the coming step refreshes curvature.</summary>
    public bool IsRefreshDue => Options.Refresh.IsDue(StepCount);

    /// <inheritdoc/>
    public bool IsCapturing => IsRefreshDue;

    /// <summary>The last refresh; null before the first.</summary>
    public RefreshReport? LastRefresh { get; private set; }

    /// <summary>
    /// What the last step's preconditioned gradients were multiplied by to stay within <see cref="KroneckerOptions.KlClip"/>. Waits for
    /// the device.
    /// </summary>
    public double LastClip => _clip?.Item() ?? 1;

    /// <summary>How many pairs of activations and output gradients were looked at so far.</summary>
    public long Observations { get; private set; }

    /// <summary>The curvature of a layer.</summary>
    /// <exception cref="KeyNotFoundException">The layer is not watched.</exception>
    public LayerCurvature this[ICurvatureLayer layer] => _layers[layer];

    /// <inheritdoc/>
    public void Observe(ICurvatureLayer layer, Variable input, Variable output)
    {
        if (_layers.TryGetValue(layer, out LayerCurvature? curvature))
        {
            output.OnGradient(gradient =>
            {
                using TensorScope scope = TensorScope.Begin();
                curvature.Observe(input.Value, gradient);
                Observations++;
            });
        }
    }

    /// <summary>Forgets statistics that were gathered since the last step; called when gradients are dropped.</summary>
    public void Discard()
    {
        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Discard();
        }
    }

    /// <summary>
    /// Damps and inverts the factors of every layer that has fresh statistics. A tile that fails keeps its last good inverse, or
    /// the identity, and is reported; all others are as they would be without it. Nothing waits for the device, but for the traces of
    /// <see cref="DampingSplit.Pi"/>, which are read at once: the device is asked for failures when somebody asks the report.
    /// </summary>
    public RefreshReport Refresh()
    {
        using TensorScope scope = TensorScope.Begin();
        double lambda = Options.Damping.At(StepCount);
        List<TileSlot> slots = [];
        List<TileFailure> tiles = [];
        LayerCurvature[] observed = [.. _ordered.Where(static curvature => curvature.IsObserved)];
        foreach (LayerCurvature curvature in observed)
        {
            curvature.Refresh();
        }

        Damp(observed, lambda);
        foreach (LayerCurvature curvature in observed)
        {
            foreach (KroneckerFactor factor in curvature.Factors)
            {
                for (int tile = 0; tile < factor.TileCount; tile++)
                {
                    int dimension = TileLayout.Dimension(factor.Dimension, factor.TileSize, tile);
                    slots.Add(new TileSlot(factor.Offset + TileLayout.Offset(factor.TileSize, tile), dimension, factor.Damping));
                    tiles.Add(new TileFailure(factor.Layer, factor.Name, factor.Side, tile, 0, factor.Damping));
                }
            }
        }

        LastRefresh?.Forget();
        Tensor? status = null;
        if (slots.Count > 0)
        {
            status = Tensor.Empty([slots.Count], DType.Int32, _backend!.Device).Persist(); // there are layers, so there is a device
            _backend.TileInverse(_factors!, _inverses!, slots.ToArray(), status); // and memory
        }

        LastRefresh = new RefreshReport(StepCount, lambda, observed.Length, status, tiles);
        Refreshed?.Invoke(this, LastRefresh);
        return LastRefresh;
    }

    /// <summary>
    /// Preconditions the gradients of all layers that have curvature, with fresh or stale inverses alike, and bounds the step. The gradients
    /// themselves stay; the first-order rule is given the directions in their place. Ends the step.
    /// </summary>
    /// <param name="learningRate">The rate at which the rule will follow them.</param>
    public void Precondition(double learningRate)
    {
        _pass.Begin(Options.Damping.At(StepCount));
        foreach (LayerCurvature curvature in _ordered)
        {
            if (curvature.Refreshes > 0)
            {
                curvature.Precondition(_pass);
            }
        }

        _clip?.Dispose();
        _clip = null;
        if (_backend is not null)
        {
            using TensorScope scope = TensorScope.Begin();
            Tensor? innerProducts = _pass.Run(_backend, innerProducts: Options.KlClip is not null);
            if (innerProducts is not null && Options.KlClip is double bound)
            {
                _clip = KlClip.Factor(bound, learningRate, innerProducts).Persist();
            }
        }

        StepCount++;
    }

    /// <summary>The direction that the last <see cref="Precondition"/> made of a parameter's gradient, or null where it passes unchanged.</summary>
    /// <returns>A tensor of the parameter's shape, new and the caller's.</returns>
    public Tensor? Direction(Parameter parameter) =>
        !_pass.Directions.TryGetValue(parameter, out Tensor? direction) ? null
            : _clip is null ? direction.Clone()
            : direction * _clip.Reshape(1).BroadcastTo(direction.Shape);

    /// <inheritdoc/>
    void IGradientTransform.Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        if (_pass.Directions.TryGetValue(parameter, out Tensor? direction))
        {
            gradient = direction;
            deviceScale = _clip;
        }
    }

    /// <summary>Stops watching and gives all memory back. Waits for the device if the last report has not been read.</summary>
    public void Dispose()
    {
        foreach (LayerCurvature curvature in _ordered)
        {
            curvature.Layer.Observer = null;
            curvature.Release();
        }

        _clip?.Dispose();
        _factors?.Dispose();
        _inverses?.Dispose();
        _counters?.Dispose();
        _ = LastRefresh?.Failures; // the last report outlives the preconditioner; at the end, because it may find the device lost
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

            means = traces.Cast(DType.Float64).ToArray<double>();
        }

        int next = 0;
        foreach (LayerCurvature curvature in observed)
        {
            curvature.Damp(lambda, means.Length == 0 ? [] : means.AsSpan(next, curvature.Factors.Count));
            next += curvature.Factors.Count;
        }
    }

    private static void Validate(KroneckerOptions options)
    {
        if (options.TileSize is < 1 or > TileLayout.MaximumDimension)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.TileSize, $"TileSize must be between 1 and {TileLayout.MaximumDimension}.");
        }

        if (!(options.StatisticsDecay is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.StatisticsDecay, "StatisticsDecay must be in [0, 1).");
        }

        if (options.KlClip is double bound && !(bound > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(options), bound, "KlClip must be above 0, or null.");
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
        Tensor fresh = Options.StatisticsDecay > 0 ? Tensor.Zeros([(int)length], like.DType, like.Device) : factors;
        long offset = 0;
        foreach (KroneckerFactor factor in _ordered.SelectMany(static curvature => curvature.Factors))
        {
            factor.Bind(factors, inverses, fresh, offset);
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
