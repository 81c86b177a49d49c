using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Adapts damping to the reduction ratio rho = (h(w + d) - h(w)) / (M(d) - M(0)) of the step d that was taken, with h the loss of the batch and
/// M(d) - M(0) = g . d + d . (F + lambda I) d / 2 (Martens and Grosse 2015, section 6.5): above 3/4 damping shrinks, below 1/4 it grows.
/// </summary>
/// <remarks>
/// F is the generalised Gauss-Newton matrix of the batch. Every <see cref="LevenbergMarquardtOptions.Interval"/> steps the model runs twice more and is
/// differentiated twice, and four numbers are read from the device; on all other steps nothing is done. Layers that draw random numbers or
/// keep running statistics do so in these passes too.
/// </remarks>
public sealed class LevenbergMarquardt
{
    private const double Good = 0.75;
    private const double Bad = 0.25;

    private readonly Layer _model;
    private readonly IReadOnlyList<Parameter> _parameters;

    /// <summary>An adaptation for a model.</summary>
    /// <param name="model">The model, whose output the loss is computed from.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public LevenbergMarquardt(Layer model, LevenbergMarquardtOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new LevenbergMarquardtOptions();
        if (!(Options.Decay is > 0 and < 1) || Options.Interval < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"{Options}", "Adaptation needs a decay in (0, 1) and an interval of at least 1.");
        }

        _model = model;
        _parameters = model.Parameters();
    }

    /// <summary>The settings.</summary>
    public LevenbergMarquardtOptions Options { get; }

    /// <summary>rho of the last adaptation; not a number before the first.</summary>
    public double LastRatio { get; private set; } = double.NaN;

    /// <summary>Takes a step, and where it is due adapts damping to what came of it.</summary>
    /// <param name="preconditioner">Whose damping.</param>
    /// <param name="loss">Computes the loss of the batch.</param>
    /// <param name="step">Changes the parameters.</param>
    /// <exception cref="InvalidOperationException">There is no loss.</exception>
    internal void Watch(Preconditioner preconditioner, Func<Variable>? loss, Action step)
    {
        if (loss is null)
        {
            throw new InvalidOperationException($"{nameof(LevenbergMarquardt)} asks for the loss elsewhere: give it to the step, optimizer.Step(() => loss of the batch).");
        }

        if ((preconditioner.StepCount + 1) % Options.Interval != 0)
        {
            step();
            return;
        }

        double lambda = preconditioner.Lambda;
        Tensor[] before = [.. _parameters.Select(static parameter => parameter.Value.Clone())];
        step();
        preconditioner.IsSuspended = true;
        try
        {
            Adapt(preconditioner, loss, before, lambda);
        }
        finally
        {
            preconditioner.IsSuspended = false;
        }
    }

    /// <summary>The sum of inner products of tensors. Waits for the device.</summary>
    internal static double Dot(IReadOnlyList<Tensor> a, IReadOnlyList<Tensor> b)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor[] parts = new Tensor[a.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = (a[i] * b[i]).Sum().Reshape(1);
        }

        return Tensor.Concatenate(parts, 0).Sum().Item();
    }

    private void Adapt(Preconditioner preconditioner, Func<Variable> loss, Tensor[] before, double lambda)
    {
        double reached;
        using (Gradients.Disabled())
        {
            reached = loss().Value.Item();
        }

        // The model of the loss is that where the step began.
        Tensor[] after = [.. _parameters.Select(static parameter => parameter.Value.Clone())];
        Tensor[] moved = [.. after.Zip(before, static (to, from) => to - from)];
        Put(before);
        (Func<IReadOnlyList<Tensor>, Tensor[]> product, Variable start) = Curvature.GaussNewtonProduct(_model, _parameters, loss);
        Tensor[] gradients = [.. Gradients.Of(start, _parameters).Select(static gradient => gradient.Value)];
        double predicted = Dot(gradients, moved) + (0.5 * (Dot(product(moved), moved) + (lambda * Dot(moved, moved))));
        double actual = reached - start.Value.Item();
        Put(after);

        // A step on which the model does not foresee a gain is as bad as one that disappoints.
        LastRatio = predicted < 0 ? actual / predicted : double.NegativeInfinity;
        double factor = Math.Pow(Options.Decay, Options.Interval);
        if (LastRatio > Good)
        {
            preconditioner.DampingFactor *= factor;
        }
        else if (!(LastRatio >= Bad))
        {
            preconditioner.DampingFactor /= factor;
        }
    }

    private void Put(Tensor[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _parameters[i].Value.CopyFrom(values[i]);
        }
    }
}
