using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Backends;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Turns gradients into directions that a first-order rule follows in their place (<see cref="Preconditioned"/>). The gradients themselves
/// stay. Parameters that it knows nothing of pass unchanged.
/// </summary>
public abstract class Preconditioner : IGradientTransform, IDisposable
{
    /// <summary>Number of steps taken.</summary>
    public abstract long StepCount { get; }

    /// <summary>Multiplies the damping of the settings at every step; 1 unless <see cref="LevenbergMarquardt"/> adapts it.</summary>
    public virtual double DampingFactor { get; set; } = 1;

    /// <summary>lambda of the coming step; 0 where there is no damping.</summary>
    internal virtual double Lambda => 0;

    /// <summary>Forward passes are somebody else's for now: no statistics are gathered from them.</summary>
    internal virtual bool IsSuspended { get; set; }

    /// <summary>
    /// The coming directions go to a rule that can make them itself from products of tiles (<see cref="FirstOrderOptimizer.TakesProducts"/>), and nobody is going to look at
    /// them in between. Who can leaves the products to it.
    /// </summary>
    internal bool MayLeaveProducts { get; set; }

    /// <summary>Times the phases of its work, where it has any of them; null, as at the start, for none. Whoever sets it disposes it.</summary>
    public PhaseClock? Clock { get; set; }

    /// <summary>
    /// Brings what it knows of the curvature up to date, where that is due, and makes the directions of this step. Ends the step.
    /// </summary>
    /// <param name="learningRate">The rate at which the rule will follow them.</param>
    /// <param name="loss">Computes the loss of the batch at hand, see <see cref="Optimizer.Step(Func{Variable})"/>; null where nobody has it.</param>
    /// <exception cref="InvalidOperationException">It needs the loss and is given none.</exception>
    public abstract void Transform(double learningRate, Func<Variable>? loss = null);

    /// <summary>The direction that the last <see cref="Transform"/> made of a parameter's gradient, or null where it passes unchanged.</summary>
    /// <remarks>
    /// After a step whose products and updates were one (<see cref="Preconditioned"/>) the direction is made anew, of the gradient: ask before that is dropped or changed.
    /// </remarks>
    /// <returns>A tensor of the parameter's shape, new and the caller's.</returns>
    /// <exception cref="InvalidOperationException">The direction has not been written, and its gradient is gone.</exception>
    public abstract Tensor? Direction(Parameter parameter);

    /// <summary>As <see cref="Optimizer.ObserveLoss"/>.</summary>
    public virtual void ObserveLoss(Variable loss)
    {
        // Most learn all they need from gradients.
    }

    /// <summary>Forgets what was gathered since the last step; called when gradients are dropped.</summary>
    public virtual void Discard()
    {
        // Most keep nothing between two steps but their state.
    }

    /// <summary>Its own tensors, not copies, and its counters as they are now.</summary>
    public abstract StateDict StateDict();

    /// <summary>Overwrites the state: what follows is bit for bit what would have followed where it was saved.</summary>
    /// <exception cref="ArgumentException">The state is that of another model or other settings; nothing was changed.</exception>
    public abstract void Load(StateDict state);

    /// <summary>Gives all memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    void IGradientTransform.Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale) =>
        Apply(parameter, ref gradient, ref scale, ref deviceScale);

    /// <inheritdoc/>
    IReadOnlyList<TileProduct>? IGradientTransform.ProductsOf(Parameter parameter) => ProductsOf(parameter);

    /// <inheritdoc cref="IGradientTransform.ProductsOf"/>
    private protected virtual IReadOnlyList<TileProduct>? ProductsOf(Parameter parameter) => null;

    /// <inheritdoc cref="IGradientTransform.Apply"/>
    private protected abstract void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale);

    /// <summary>Gives all memory back.</summary>
    protected abstract void Dispose(bool disposing);
}
