using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Chooses how far to follow another preconditioner's direction v, and how much of the last step d to keep: alpha and mu minimise the quadratic model
/// M(x) = g . x + x . (F + lambda I) x / 2 at x = -alpha v + mu d (Martens and Grosse 2015, sections 6.4 and 7). The rule behind it takes
/// the step as it is: <c>new Preconditioned(new QuadraticModelPreconditioner(model, kronecker), new Sgd(parameters, 1))</c>.
/// </summary>
/// <remarks>
/// F is the generalised Gauss-Newton matrix of the batch. Every step runs the model once more, differentiates it twice and waits for a few
/// numbers. State: that of the other preconditioner, and for each parameter its last step, "last.NAME".
/// </remarks>
public sealed class QuadraticModelPreconditioner : Preconditioner
{
    private const string LastPrefix = "last.";

    // Below this share of the product of the diagonal the two directions are one.
    private const double Independent = 1e-10;

    private readonly Layer _model;
    private readonly Preconditioner _inner;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly StateDict _last = new();
    private readonly Dictionary<Parameter, Tensor> _directions = [];

    /// <summary>Puts the choice behind a preconditioner, which belongs to the result and is disposed with it.</summary>
    /// <param name="model">The model, whose output the loss is computed from.</param>
    /// <param name="inner">Makes the directions.</param>
    public QuadraticModelPreconditioner(Layer model, Preconditioner inner)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inner);
        _model = model;
        _inner = inner;
        _parameters = model.Parameters();
        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            Tensor last = Tensor.Zeros(parameter.Shape, parameter.DType, parameter.Device).Persist();
            _last.Add(LastPrefix + name, last);
            _directions.Add(parameter, last);
        }
    }

    /// <summary>Makes the directions.</summary>
    public Preconditioner Inner => _inner;

    /// <inheritdoc/>
    public override long StepCount => _inner.StepCount;

    /// <inheritdoc/>
    public override double DampingFactor
    {
        get => _inner.DampingFactor;
        set => _inner.DampingFactor = value;
    }

    /// <summary>alpha of the last step, which takes the place of a learning rate.</summary>
    public double LastRate { get; private set; }

    /// <summary>mu of the last step; 0 where there was no step before it.</summary>
    public double LastMomentum { get; private set; }

    /// <inheritdoc/>
    internal override double Lambda => _inner.Lambda;

    /// <inheritdoc/>
    internal override bool IsSuspended
    {
        get => _inner.IsSuspended;
        set => _inner.IsSuspended = value;
    }

    /// <inheritdoc/>
    public override void Transform(double learningRate, Func<Variable>? loss = null)
    {
        if (loss is null)
        {
            throw new InvalidOperationException($"{nameof(QuadraticModelPreconditioner)} differentiates the loss again: give it to the step, optimizer.Step(() => loss of the batch).");
        }

        using TensorScope scope = TensorScope.Begin();
        double lambda = _inner.Lambda;
        _inner.Transform(learningRate, loss);
        Tensor[] gradients = [.. _parameters.Select(static p => p.Gradient ?? Tensor.Zeros(p.Shape, p.DType, p.Device))];
        Tensor[] v = [.. _parameters.Zip(gradients, (p, gradient) => _inner.Direction(p) ?? gradient)];
        Tensor[] last = [.. _parameters.Select(p => _directions[p])]; // minus the step, as directions are
        _inner.IsSuspended = true;
        try
        {
            Choose(Curvature.GaussNewtonProduct(_model, _parameters, loss).Product, gradients, v, last, lambda, learningRate);
        }
        finally
        {
            _inner.IsSuspended = false;
        }

        for (int i = 0; i < v.Length; i++)
        {
            last[i].MapInPlace(BinaryOperation.Multiply, LastMomentum).AddInPlace(v[i], LastRate);
        }
    }

    /// <inheritdoc/>
    public override Tensor? Direction(Parameter parameter) =>
        _directions.TryGetValue(parameter, out Tensor? direction) ? direction.Clone() : null;

    /// <inheritdoc/>
    public override void ObserveLoss(Variable loss) => _inner.ObserveLoss(loss);

    /// <inheritdoc/>
    public override void Discard() => _inner.Discard();

    /// <inheritdoc/>
    public override StateDict StateDict() => new(_inner.StateDict().Concat(_last));

    /// <inheritdoc/>
    public override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.CopyTo(StateDict(), nameof(QuadraticModelPreconditioner), strict: true);
        _inner.Load(new StateDict(state.Where(static entry => !entry.Key.StartsWith(LastPrefix, StringComparison.Ordinal))));
    }

    /// <inheritdoc/>
    private protected override void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        if (_directions.TryGetValue(parameter, out Tensor? direction))
        {
            gradient = direction;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        foreach (Tensor last in _directions.Values)
        {
            last.Dispose();
        }
    }

    /// <summary>Solves for alpha and mu: both directions are steps with the sign turned, so that the right sides are g . v and g . d.</summary>
    private void Choose(
        Func<IReadOnlyList<Tensor>, Tensor[]> product, Tensor[] gradients, Tensor[] v, Tensor[] last, double lambda, double learningRate)
    {
        Tensor[] bent = product(v);
        double vv = LevenbergMarquardt.Dot(bent, v) + (lambda * LevenbergMarquardt.Dot(v, v));
        double gv = LevenbergMarquardt.Dot(gradients, v);
        double dd = LevenbergMarquardt.Dot(product(last), last) + (lambda * LevenbergMarquardt.Dot(last, last));
        double vd = LevenbergMarquardt.Dot(bent, last) + (lambda * LevenbergMarquardt.Dot(v, last));
        double gd = LevenbergMarquardt.Dot(gradients, last);
        double determinant = (vv * dd) - (vd * vd);
        if (determinant > Independent * vv * dd)
        {
            (LastRate, LastMomentum) = (((gv * dd) - (gd * vd)) / determinant, ((gd * vv) - (gv * vd)) / determinant);
        }
        else
        {
            // No curvature along the direction, or none that is known: the rule's own rate.
            (LastRate, LastMomentum) = (vv > 0 ? gv / vv : learningRate, 0);
        }
    }
}
