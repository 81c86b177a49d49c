using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Directions (C + lambda I)^-1 g, where C is the exact curvature of the batch's loss in all parameters at once. Where the model is small C is formed and
/// inverted; where it is not, its products with vectors serve conjugate gradients. It needs the loss itself, <see cref="Optimizer.Step(Func{Variable})"/>.
/// </summary>
/// <remarks>
/// Every step waits for the device: for the status of the inversion, or for two scalars of each conjugate gradient iteration. All parameters
/// must have one device and element type. State: "step".
/// </remarks>
public abstract class ExactPreconditioner : Preconditioner
{
    // Added where a matrix is not positive definite, as a share of its largest diagonal element, and how it grows until it suffices.
    private const double FirstShift = 1e-3;
    private const double ShiftGrowth = 10;

    private readonly Tensor _step = Tensor.Zeros([], DType.Int32).Persist();
    private readonly Tensor _direction;
    private readonly Dictionary<Parameter, Tensor> _directions = [];
    private long _stepCount;

    private protected ExactPreconditioner(Module model, ExactOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new ExactOptions();
        Require.NotNegative(Options.Damping.At(0), nameof(ExactOptions.Damping));
        Require.NotNegative(Options.Tolerance, nameof(ExactOptions.Tolerance));
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.Iterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Options.KlClip ?? 1, nameof(options));
        Parameters = model.Parameters();
        if (Parameters.Count == 0)
        {
            throw new ArgumentException($"{GetType().Name}: the model has no parameters.", nameof(model));
        }

        Tensor like = Parameters[0].Value;
        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            if (parameter.Device != like.Device || parameter.DType != like.DType)
            {
                throw new ArgumentException($"{GetType().Name}: all parameters must have one device and element type; '{name}' is {parameter.Value}, the first {like}.", nameof(model));
            }
        }

        _direction = Tensor.Zeros([ParameterVector.Length(Parameters)], like.DType, like.Device).Persist();
        foreach ((Parameter parameter, Tensor part) in Parameters.Zip(ParameterVector.Parts(_direction, Parameters)))
        {
            _directions.Add(parameter, part.Persist());
        }
    }

    /// <summary>The settings.</summary>
    public ExactOptions Options { get; }

    /// <inheritdoc/>
    public sealed override long StepCount => _stepCount;

    /// <summary>lambda of the last step: that of the options, or what it took to make an indefinite matrix positive definite.</summary>
    public double LastDamping { get; private set; }

    /// <summary>Conjugate gradient iterations of the last step; 0 where the matrix was inverted.</summary>
    public int LastIterations { get; private set; }

    /// <inheritdoc/>
    internal sealed override double Lambda => Options.Damping.At(_stepCount) * DampingFactor;

    /// <summary>What the curvature is taken in.</summary>
    private protected IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public sealed override void Transform(double learningRate, Func<Variable>? loss = null)
    {
        if (loss is null)
        {
            throw new InvalidOperationException($"{GetType().Name} differentiates the loss again: give it to the step, optimizer.Step(() => loss of the batch).");
        }

        using TensorScope scope = TensorScope.Begin();
        Tensor gradient = Tensor.Zeros(_direction.Shape, _direction.DType, _direction.Device);
        foreach ((Parameter parameter, Tensor part) in Parameters.Zip(ParameterVector.Parts(gradient, Parameters)))
        {
            if (parameter.Gradient is Tensor own)
            {
                part.CopyFrom(own);
            }
        }

        Func<IReadOnlyList<Tensor>, Tensor[]> curvature = Linearize(loss);
        LastDamping = Lambda;
        LastIterations = 0;
        _direction.CopyFrom(_direction.Length <= Options.MatrixLimit ? Invert(curvature, gradient) : ConjugateGradients(curvature, gradient));
        if (Options.KlClip is double bound)
        {
            _direction.MapInPlace(BinaryOperation.Multiply, KlClip.Factor(bound, learningRate, _direction * gradient));
        }

        _stepCount++;
    }

    /// <inheritdoc/>
    public sealed override Tensor? Direction(Parameter parameter) =>
        _directions.TryGetValue(parameter, out Tensor? direction) ? direction.Clone() : null;

    /// <inheritdoc/>
    public sealed override StateDict StateDict()
    {
        _step.Fill(_stepCount);
        return new StateDict([KeyValuePair.Create("step", _step)]);
    }

    /// <inheritdoc/>
    public sealed override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.CopyTo(StateDict(), GetType().Name, strict: true);
        _stepCount = (long)_step.Item();
    }

    /// <summary>The curvature at the parameters as they are: a function that multiplies it by directions, as long as the scope around it lasts.</summary>
    private protected abstract Func<IReadOnlyList<Tensor>, Tensor[]> Linearize(Func<Variable> loss);

    /// <inheritdoc/>
    private protected sealed override void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        if (_directions.TryGetValue(parameter, out Tensor? direction))
        {
            gradient = direction;
        }
    }

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing)
    {
        foreach (Tensor part in _directions.Values)
        {
            part.Dispose();
        }

        _direction.Dispose();
        _step.Dispose();
    }

    /// <summary>By the inverse of the whole matrix. An indefinite one is shifted until it is positive definite (Nocedal and Wright 2006, algorithm 3.3).</summary>
    private Tensor Invert(Func<IReadOnlyList<Tensor>, Tensor[]> curvature, Tensor gradient)
    {
        int n = gradient.Shape[0];
        Tensor matrix = ParameterVector.Matrix(curvature, Parameters);
        Tensor? largest = null;
        while (true)
        {
            (Tensor inverses, int[] status) = Tiles.Invert(matrix.Unsqueeze(0), LastDamping);
            if (status[0] == 0)
            {
                return inverses.Squeeze(0).MatMul(gradient);
            }

            largest ??= matrix.Reshape(-1).Slice(0, 0, n, n + 1).Max();
            double shift = Math.Max(ShiftGrowth * LastDamping, FirstShift * Math.Abs(largest.Item()));
            if (!double.IsFinite(shift) || status[0] == -1)
            {
                return gradient; // not a number: the fault stays visible
            }

            LastDamping = shift;
        }
    }

    /// <summary>
    /// Conjugate gradients from zero. Where the curvature along a direction is not positive they end with what they have, at the first with the
    /// gradient (Nocedal and Wright 2006, algorithm 7.1).
    /// </summary>
    private Tensor ConjugateGradients(Func<IReadOnlyList<Tensor>, Tensor[]> curvature, Tensor gradient)
    {
        Tensor solution = Tensor.Zeros(gradient.Shape, gradient.DType, gradient.Device);
        Tensor residual = gradient.Clone();
        Tensor direction = gradient.Clone();
        Tensor product = gradient.EmptyLike(gradient.Shape);
        double square = Dot(residual, residual);
        double goal = Options.Tolerance * Options.Tolerance * square;
        while (square > goal && LastIterations < Options.Iterations)
        {
            using TensorScope scope = TensorScope.Begin();
            ParameterVector.Multiply(curvature, Parameters, direction, product);
            product.AddInPlace(direction, LastDamping);
            double bend = Dot(direction, product);
            if (!(bend > 0))
            {
                return LastIterations == 0 ? gradient : solution;
            }

            double length = square / bend;
            solution.AddInPlace(direction, length);
            residual.AddInPlace(product, -length);
            double next = Dot(residual, residual);
            direction.MapInPlace(BinaryOperation.Multiply, next / square).AddInPlace(residual);
            square = next;
            LastIterations++;
        }

        return solution;
    }

    private static double Dot(Tensor a, Tensor b)
    {
        using TensorScope scope = TensorScope.Begin();
        return (a * b).Sum().Item();
    }
}
