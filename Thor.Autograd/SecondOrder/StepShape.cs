using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// Lengths of directions, tensor by tensor: grafting, then a bound on the norm. All of it is factors of one element that stay on the device.
/// </summary>
internal sealed class StepShape : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Grafting _grafting;
    private readonly double? _bound;
    private readonly Dictionary<Parameter, (string Name, Tensor Mean, Tensor MeanSquare)> _moments = [];
    private readonly Dictionary<Parameter, Tensor> _factors = [];

    /// <param name="grafting">Whose length.</param>
    /// <param name="bound">Largest norm of a direction; null for none.</param>
    /// <param name="parameters">Whose directions may come.</param>
    public StepShape(Grafting grafting, double? bound, IEnumerable<KeyValuePair<string, Parameter>> parameters)
    {
        _grafting = grafting;
        _bound = bound;
        foreach ((string name, Parameter parameter) in grafting == Grafting.Adam ? parameters : [])
        {
            Tensor like = parameter.Value;
            _moments.Add(parameter, (
                name, Tensor.Zeros(like.Shape, like.DType, like.Device).Persist(), Tensor.Zeros(like.Shape, like.DType, like.Device).Persist()));
        }
    }

    /// <summary>Finds the factor of every direction, and of all together where a bound on the predictions' move is given.</summary>
    /// <param name="directions">Directions by parameter.</param>
    /// <param name="step">Steps taken before this one.</param>
    /// <param name="klBound">k of <see cref="KlClip"/>, or null.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <returns>The factor of all together, one element, in the innermost scope; null without a bound or directions.</returns>
    public Tensor? Measure(IReadOnlyDictionary<Parameter, Tensor> directions, long step, double? klBound, double learningRate)
    {
        Forget();
        using TensorScope scope = TensorScope.Begin();
        List<Tensor> moved = [];
        foreach ((Parameter parameter, Tensor direction) in directions)
        {
            Tensor gradient = parameter.Gradient!; // what the direction was made of
            Tensor factor = Factor(parameter, gradient, direction, step);
            _factors.Add(parameter, factor.Persist());
            if (klBound is not null)
            {
                moved.Add((direction * gradient).Sum().Reshape(1) * factor);
            }
        }

        if (klBound is not double bound || moved.Count == 0)
        {
            return null;
        }

        Tensor all = KlClip.Factor(bound, learningRate, Tensor.Concatenate([.. moved], 0));
        foreach (Tensor factor in _factors.Values)
        {
            factor.MapInPlace(BinaryOperation.Multiply, all);
        }

        return scope.Keep(all);
    }

    /// <summary>What a direction is multiplied by, one element.</summary>
    public Tensor Of(Parameter parameter) => _factors[parameter];

    /// <summary>Adam's moments, "NAME.graft.mean" and "NAME.graft.mean_square".</summary>
    public void AddTo(StateDict state)
    {
        foreach ((string name, Tensor mean, Tensor square) in _moments.Values)
        {
            state.Add($"{name}.graft.mean", mean);
            state.Add($"{name}.graft.mean_square", square);
        }
    }

    public void Dispose()
    {
        Forget();
        foreach ((_, Tensor mean, Tensor square) in _moments.Values)
        {
            mean.Dispose();
            square.Dispose();
        }
    }

    private void Forget()
    {
        foreach (Tensor factor in _factors.Values)
        {
            factor.Dispose();
        }

        _factors.Clear();
    }

    private Tensor Factor(Parameter parameter, Tensor gradient, Tensor direction, long step)
    {
        Tensor norm = TensorNorm.Of(direction).Reshape(1);
        Tensor one = Tensor.Ones([1], norm.DType, norm.Device);
        Tensor factor = one;
        if (_grafting != Grafting.None)
        {
            Tensor wanted = TensorNorm.Of(_grafting == Grafting.Sgd ? gradient : AdamStep(parameter, gradient, step)).Reshape(1);
            factor = TensorNorm.Ratio(wanted, norm, wanted / norm);
        }

        if (_bound is double bound)
        {
            Tensor length = norm * factor;
            Tensor beyond = Tensor.Map(BinaryOperation.Greater, length, bound) * length.Map(UnaryOperation.IsFinite);
            factor = Tensor.Where(beyond, bound / norm, factor);
        }

        return factor;
    }

    /// <summary>Adam's step for a learning rate of 1; its moments take the gradient in.</summary>
    private Tensor AdamStep(Parameter parameter, Tensor gradient, long step)
    {
        (_, Tensor mean, Tensor square) = _moments[parameter];

        // A gradient that is not finite leaves no trace: its step is left out.
        Tensor squares = gradient * gradient;
        Tensor finite = squares.Map(UnaryOperation.IsFinite);
        mean.CopyFrom(Tensor.Where(finite, (mean * Beta1) + (gradient * (1 - Beta1)), mean));
        square.CopyFrom(Tensor.Where(finite, (square * Beta2) + (squares * (1 - Beta2)), square));
        Tensor root = (square * (1 / (1 - Math.Pow(Beta2, step + 1)))).MapInPlace(UnaryOperation.SquareRoot) + Epsilon;
        return mean * (1 / (1 - Math.Pow(Beta1, step + 1))) / root;
    }
}
