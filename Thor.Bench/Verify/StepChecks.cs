using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>From directions to steps, and exact curvature in a direction.</summary>
internal static class StepChecks
{
    private const int Batch = 8;
    private const int Classes = 3;

    public static IEnumerable<LadderCheck> All() =>
    [
        new("Identity preconditioner: the bits of plain momentum", 0, IdentityIsMomentum),
        new("KL clip: lr^2 nu^2 v . g is the bound", 256, Clipped),
        new("Hessian of softmax regression times a vector is J^T (diag p - p p^T) J times it", 512, HessianVector),
    ];

    /// <summary>Steps with inverses that are the identity, bit by bit against momentum: the share of weights that differ.</summary>
    private static double IdentityIsMomentum(Subject subject)
    {
        (Sequential preconditioned, _) = subject.Twins(Net);
        (Sequential plain, _) = subject.Twins(Net);
        KroneckerPreconditioner curvature = new(preconditioned, Subject.Options(4) with { Refresh = RefreshSchedule.Every(1000) });
        Pass(subject, preconditioned, step: 0);
        curvature.Transform(1);
        foreach (KroneckerFactor factor in curvature.Layers.SelectMany(static layer => layer.Factors))
        {
            for (int tile = 0; tile < factor.TileCount; tile++)
            {
                Tensor inverse = factor.Tile(factor.Inverse, tile);
                inverse.Fill(0);
                inverse.Contiguous().Reshape(-1).Slice(0, 0, inverse.Shape[0], inverse.Shape[0] + 1).Fill(1);
            }
        }

        using Preconditioned first = new(curvature, new Momentum(preconditioned.Parameters(), 0.1));
        using Momentum second = new(plain.Parameters(), 0.1);
        for (int step = 1; step < 5; step++)
        {
            Pass(subject, preconditioned, step);
            Pass(subject, plain, step);
            first.Step();
            second.Step();
        }

        double[] expected = [.. plain.Parameters().SelectMany(p => subject.Read(p.Value))];
        double[] actual = [.. preconditioned.Parameters().SelectMany(p => subject.Read(p.Value))];
        return expected.Zip(actual).Count(static pair => !pair.First.Equals(pair.Second)) / (double)expected.Length;
    }

    private static double Clipped(Subject subject)
    {
        const double Bound = 1e-4;
        const double Rate = 0.5;
        double[][] directions = new double[2][];
        double product = 0;
        for (int i = 0; i < 2; i++)
        {
            (Sequential own, Sequential reference) = subject.Twins(Net);
            KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(4) with { KlClip = i == 0 ? null : Bound });
            Pass(subject, own, step: 0);
            curvature.Transform(Rate);
            Losses.CrossEntropy(reference.Forward(Inputs(0)), Labels(0)).Backward();
            directions[i] = [.. Weights(own).SelectMany(p => subject.Read(curvature.Direction(p)!))]; // weights have curvature
            double[] gradients = [.. Weights(reference).SelectMany(static p => p.Gradient!.ToArray<double>())]; // just computed
            product = i == 0 ? directions[0].Zip(gradients, static (v, g) => v * g).Sum() : product;
        }

        // The directions are nu v: nu^2 v . g is what the bound is about.
        double nu = directions[1].Zip(directions[0], static (clipped, plain) => clipped * plain).Sum() / directions[0].Sum(static plain => plain * plain);
        return Math.Abs((Rate * Rate * nu * nu * product / Bound) - 1);

        static IEnumerable<Parameter> Weights(Layer model) => model.Modules().Select(static m => m.Value).OfType<ICurvatureLayer>().Select(static l => l.Weight);
    }

    private static double HessianVector(Subject subject)
    {
        (Linear own, Linear reference) = subject.Twins(static t => new Linear(6, Classes, bias: false, random: new RandomStream(1), type: t));
        Tensor direction = Subject.Normal(4, Classes, 6);
        Tensor[] products = Curvature.HessianVector(
            () => Losses.CrossEntropy(own.Forward(subject.On(Inputs(0))), subject.On(Labels(0))), own.Parameters(), [subject.On(direction)]);

        ReferenceMatrix hessian = Jacobian.GaussNewton(reference, Inputs(0), Jacobian.Softmax)[0];
        ReferenceMatrix expected = hessian * ReferenceMatrix.Of(direction, 1);
        return LadderCheck.Error(expected.Elements, subject.Read(products[0]));
    }

    private static void Pass(Subject subject, Layer model, int step)
    {
        foreach (Parameter parameter in model.Parameters())
        {
            parameter.ZeroGrad();
        }

        Losses.CrossEntropy(model.Forward(subject.On(Inputs(step))), subject.On(Labels(step))).Backward();
    }

    private static Sequential Net(DType type)
    {
        RandomStream random = new(6);
        return new Sequential(new Linear(6, 9, random: random, type: type), new Tanh(), new Linear(9, Classes, random: random, type: type));
    }

    private static Tensor Inputs(int step) => Subject.Normal(20 + (ulong)step, Batch, 6);

    private static Tensor Labels(int step)
    {
        RandomStream random = new(40 + (ulong)step);
        return Tensor.From([.. Enumerable.Range(0, Batch).Select(_ => random.NextInt(Classes))]);
    }
}
