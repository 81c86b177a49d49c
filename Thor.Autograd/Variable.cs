using Thor.Autograd.Losses;
using Thor.Engine;

namespace Thor.Autograd;

/// <summary>
/// A tensor that takes part in differentiation. Operations on variables compute at once and, where an operand requires a
/// gradient and recording is on (<see cref="Gradients.Enabled"/>), remember how to go back.
/// </summary>
public partial class Variable
{
    private List<Action<Tensor, GradientScale>>? _observers;

    /// <summary>A leaf: data, or a parameter when it requires a gradient.</summary>
    public Variable(Tensor value, bool requiresGradient = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (requiresGradient && !value.DType.IsFloating())
        {
            throw new ArgumentException($"Only floating-point tensors have gradients, not {value}.", nameof(value));
        }

        Value = value;
        RequiresGradient = requiresGradient;
    }

    internal Variable(Tensor value, Node? node)
    {
        Value = value;
        Node = node;
        RequiresGradient = node is not null;
    }

    /// <summary>The numbers.</summary>
    public Tensor Value { get; internal set; }

    /// <summary>Accumulated by <see cref="Backward(Tensor?)"/> on leaves that require a gradient; null before the first time and after ZeroGrad. Lives outside every TensorScope.</summary>
    public Tensor? Gradient { get; set; }

    /// <summary>True for parameters and for everything computed from them while recording.</summary>
    public bool RequiresGradient { get; }

    /// <summary>Extents of the value.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Element type of the value.</summary>
    public DType DType => Value.DType;

    /// <summary>Device of the value.</summary>
    public Device Device => Value.Device;

    /// <summary>True when someone wants to see the gradient of this variable.</summary>
    internal bool IsObserved => _observers is not null;

    /// <summary>The operation that computed this; null for leaves.</summary>
    internal Node? Node { get; }

    /// <summary>How this came about, where it is a loss; else null.</summary>
    internal LossOrigin? Origin { get; private set; }

    /// <summary>A tensor is a constant.</summary>
    public static implicit operator Variable(Tensor value) => new(value);

    /// <summary>The same numbers, cut off from the graph.</summary>
    public Variable Detach() => new(Value);

    /// <summary>
    /// Calls back once per backward pass, when the gradient of this variable is complete and before it travels on. This is how curvature
    /// is observed. The gradient is contiguous, must not be written to, and lives in the TensorScope that surrounds the backward pass.
    /// </summary>
    public void OnGradient(Action<Tensor> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        OnGradient((gradient, _) => observer(gradient));
    }

    /// <inheritdoc cref="OnGradient(Action{Tensor})"/>
    /// <param name="observer">Is also told how the pass weights the gradients of single samples.</param>
    public void OnGradient(Action<Tensor, GradientScale> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        (_observers ??= []).Add(observer);
    }

    /// <summary>Adds d(this)/d(leaf) to <see cref="Gradient"/> of every leaf that requires one.</summary>
    /// <param name="seed">Gradient of this variable; may be left out when it is a scalar (then 1).</param>
    /// <exception cref="ShapeException">No seed was given and this is not a scalar, or the seed has another shape.</exception>
    /// <exception cref="InvalidOperationException">Nothing this was computed from requires a gradient.</exception>
    public void Backward(Tensor? seed = null) => Gradients.Backward(this, seed, 1);

    /// <summary>
    /// Adds scale * d(this)/d(leaf) to <see cref="Gradient"/> of every leaf that requires one. Statistics of curvature know the scale and are
    /// those of the loss itself.
    /// </summary>
    /// <param name="scale">Not 0, finite: for example a loss scale that keeps small gradients representable.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is 0 or not finite.</exception>
    /// <exception cref="ShapeException">This is not a scalar.</exception>
    /// <exception cref="InvalidOperationException">Nothing this was computed from requires a gradient.</exception>
    public void Backward(double scale)
    {
        if (scale == 0 || !double.IsFinite(scale))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "Backward: the scale must be finite and not 0.");
        }

        Gradients.Backward(this, null, scale);
    }

    /// <summary>Says how this came about.</summary>
    /// <returns>This.</returns>
    internal Variable From(LossOrigin? origin)
    {
        Origin = origin;
        return this;
    }

    /// <summary>Tells the observers.</summary>
    internal void Publish(Tensor gradient, GradientScale scale)
    {
        if (_observers is not null)
        {
            foreach (Action<Tensor, GradientScale> observer in _observers)
            {
                observer(gradient, scale);
            }
        }
    }
}
