using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>Least squares by one dense layer: a quadratic whose minimum the normal equations know.</summary>
internal static class QuadraticChecks
{
    private const int Batch = 24;
    private const int Inputs = 5;
    private const int Outputs = 2;

    // The condition of the normal equations, about 10, times a dozen unknowns and as many terms.
    private const double Roundings = 2048;

    public static IEnumerable<LadderCheck> All() =>
    [
        new("Newton, matrix inverted: one step reaches the minimum of a quadratic", Roundings, static s => OneStep(s, static m => new NewtonPreconditioner(m, Exact(512)))),
        new("Newton, conjugate gradients: one step reaches the minimum of a quadratic", Roundings, static s => OneStep(s, static m => new NewtonPreconditioner(m, Exact(0)))),
        new("Natural gradient: one step reaches the minimum of a quadratic", Roundings, static s => OneStep(s, static m => new NaturalGradientPreconditioner(m, Exact(512)))),
    ];

    private static ExactOptions Exact(int matrixLimit) =>
        new() { Damping = 0, KlClip = null, MatrixLimit = matrixLimit, Tolerance = 0, Iterations = (Inputs + 1) * Outputs };

    /// <summary>Weights and biases after one step of length 1, against the solution of the normal equations.</summary>
    private static double OneStep(Subject subject, Func<Layer, Preconditioner> make)
    {
        (Linear own, _) = subject.Twins(static t => new Linear(Inputs, Outputs, random: new RandomStream(1), type: t));
        Tensor x = Subject.Normal(2, Batch, Inputs);
        Tensor y = Subject.Normal(3, Batch, Outputs);
        using Preconditioned optimizer = new(make(own), new Sgd(own.Parameters(), 1));
        Loss().Backward();
        optimizer.Step(Loss);

        ReferenceMatrix rows = ReferenceMatrix.Of(x).WithOnes();
        ReferenceMatrix minimum = (rows.Transpose() * rows).Inverse() * (rows.Transpose() * ReferenceMatrix.Of(y));
        ReferenceMatrix reached = subject.Read(own.Weight.Value, null).Beside(subject.Read(own.Bias!.Value)); // made with a bias
        return LadderCheck.Error(minimum.Transpose(), reached);

        Variable Loss() => Losses.MeanSquaredError(own.Forward(subject.On(x)), subject.On(y));
    }
}
