using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine.Memory;

namespace Thor.Bench.Paths;

/// <summary>The introduction's picture: the ways that optimizers take down one surface.</summary>
internal static class PathStudy
{
    private const double Tolerance = 1e-4;
    private const double MomentumFactor = 0.7;
    private const double Damping = 1e-4;

    /// <summary>Runs every optimizer from the same start.</summary>
    /// <param name="steps">Updates of each.</param>
    public static PathReport Execute(int steps)
    {
        PathSurface surface = new();
        surface.PlaceAtMinimum();
        PathPoint minimum = surface.Here();
        (double smallest, double largest) = Eigenvalues(surface);

        // A logistic loss is nowhere more curved than at weights of zero, which bounds the rate of gradient descent by 2 / curvature.
        surface.Place(0, 0);
        (_, double bound) = Eigenvalues(surface);
        double descent = 1.9 / bound;
        double heavy = 1 / bound;
        ExactOptions exact = new() { Damping = Damping, KlClip = null };
        (string Name, bool IsSecondOrder, double Rate, Func<Layer, Optimizer> Create)[] optimizers =
        [
            ("gradient descent", false, descent, model => new Sgd(ParameterGroup.Of(model), descent)),
            ("momentum", false, heavy, model => new Momentum(ParameterGroup.Of(model), heavy, MomentumFactor)),
            ("Newton", true, 1, model => new Preconditioned(new NewtonPreconditioner(model, exact), new Sgd(ParameterGroup.Of(model), 1))),
            ("natural gradient", true, 1, model => new Preconditioned(new NaturalGradientPreconditioner(model, exact), new Sgd(ParameterGroup.Of(model), 1))),
            ("THOR", true, 1, model => new ThorOptimizer(model, new ThorOptions { LearningRate = 1, Momentum = 0, Damping = Damping, Refresh = 1, KlClip = null })),
        ];
        return new PathReport(
            PathSurface.Description,
            minimum,
            largest / smallest,
            Tolerance,
            [.. optimizers.Select(o => Walk(surface, minimum, steps, o.Name, o.IsSecondOrder, o.Rate, o.Create))]);
    }

    private static DescentPath Walk(
        PathSurface surface, PathPoint minimum, int steps, string name, bool isSecondOrder, double rate, Func<Layer, Optimizer> create)
    {
        surface.Place(PathSurface.Start.X, PathSurface.Start.Y);
        using Optimizer optimizer = create(surface.Model);
        List<PathPoint> points = [surface.Here()];
        double length = 0;
        for (int step = 0; step < steps; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            optimizer.ZeroGrad();
            surface.Loss().Backward();
            optimizer.Step(surface.Loss);
            PathPoint here = surface.Here();
            length += double.Hypot(here.X - points[^1].X, here.Y - points[^1].Y);
            points.Add(here);
        }

        int there = points.FindIndex(point => point.Loss - minimum.Loss < Tolerance);
        return new DescentPath(name, isSecondOrder, rate, there < 0 ? null : there, length, points);
    }

    private static (double Smallest, double Largest) Eigenvalues(PathSurface surface)
    {
        using TensorScope scope = TensorScope.Begin();
        double[] h = Curvature.Hessian(surface.Loss, surface.Model.Parameters()).ToArray<double>();
        double mean = (h[0] + h[3]) / 2;
        double spread = double.Hypot((h[0] - h[3]) / 2, h[1]);
        return (mean - spread, mean + spread);
    }
}
