using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>
/// Directions against the damped curvature inverted whole, as a matrix over all elements of a weight: no Kronecker identity is used
/// for what they are held against.
/// </summary>
internal static class DampingChecks
{
    private const int Batch = 12;
    private const double Lambda = 0.1;

    // Inverses and products of up to 20 terms, times the condition of the damped factors, about 20.
    private const double Roundings = 512;

    // What differs by powers of two only.
    private const double FewRoundings = 64;

    public static IEnumerable<LadderCheck> All() => [.. Inverses(), .. Tiles(), .. Rescalings(), .. Others()];

    private static IEnumerable<LadderCheck> Inverses()
    {
        foreach (DampingSplit split in Enum.GetValues<DampingSplit>())
        {
            yield return new LadderCheck($"{split} damping, dense: direction is the whole inverse times the gradient", Roundings, s => Dense(s, split, 64, BiasRule.FirstOrder));
            yield return new LadderCheck($"{split} damping, homogeneous bias: direction is the whole inverse times the gradient", Roundings, s => Dense(s, split, 64, BiasRule.Homogeneous));
            yield return new LadderCheck($"{split} damping, 2 groups, T positions: direction is the whole inverse times the gradient", Roundings, s => Convolution(s, split));
        }
    }

    private static IEnumerable<LadderCheck> Tiles()
    {
        foreach (int tileSize in (int[])[9, 7, 4, 3, 1])
        {
            yield return new LadderCheck(
                $"Plain damping, tiles of {tileSize}: direction is the masked inverse times the gradient", Roundings, s => Dense(s, DampingSplit.Plain, tileSize, BiasRule.FirstOrder));
        }
    }

    private static IEnumerable<LadderCheck> Rescalings()
    {
        foreach (DampingSplit split in Enum.GetValues<DampingSplit>())
        {
            // A to 4 A and G to 4 G, with lambda to 16 lambda: the curvature is 16 times what it was, and the gradient 4 times.
            yield return new LadderCheck(
                $"{split} damping: curvature and lambda times 16, gradient times 4 make it a quarter", FewRoundings, s => Rescaled(s, split, 2, 2, 16 * Lambda, 0.25));
            if (split != DampingSplit.Plain)
            {
                yield return new LadderCheck($"{split} damping: A times 4 against G by 4 changes nothing", FewRoundings, s => Rescaled(s, split, 2, 0.5, Lambda, 1));
            }
        }
    }

    private static IEnumerable<LadderCheck> Others()
    {
        yield return new LadderCheck("Embedding: direction is the whole inverse times the gradient", Roundings, Embedded);
        yield return new LadderCheck("Layer norm: direction is g / (g^2 / B + sqrt(lambda))", FewRoundings, Normalized);
    }

    /// <summary>Damped inverse of scale * G kron A as the split defines it, from whole factors.</summary>
    private static ReferenceMatrix Inverse(DampingSplit split, ReferenceMatrix a, ReferenceMatrix g, int positions)
    {
        double root = Math.Sqrt(Lambda / positions);
        double pi = split == DampingSplit.Pi ? Math.Sqrt(Trace(a) / a.Rows / (Trace(g) / g.Rows)) : 1;
        return split is DampingSplit.Plain or DampingSplit.Pi
            ? (positions * g.Damped(root / pi).Kronecker(a.Damped(pi * root))).Inverse()
            : (positions * g.Kronecker(a)).Damped(Lambda).Inverse();
    }

    private static double Trace(ReferenceMatrix matrix) => Enumerable.Range(0, matrix.Rows).Sum(i => matrix[i, i]);

    private static double Dense(Subject subject, DampingSplit split, int tileSize, BiasRule bias)
    {
        (Linear own, Linear reference) = subject.Twins(static t => new Linear(9, 7, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(tileSize, Lambda) with { DampingSplit = split, Bias = bias });
        Tensor x = Subject.Normal(2, Batch, 9);
        Tensor g = Subject.Normal(3, Batch, 7);
        subject.Pass(own, x, g);
        curvature.Transform(1);

        ReferenceMatrix rows = bias == BiasRule.Homogeneous ? ReferenceMatrix.Of(x).WithOnes() : ReferenceMatrix.Of(x);
        ReferenceMatrix gradients = ReferenceMatrix.Of(g);
        ReferenceMatrix gradient = 1.0 / Batch * (gradients.Transpose() * rows);
        ReferenceMatrix inverse = Inverse(split, rows.SecondMoment().Masked(tileSize), gradients.SecondMoment().Masked(tileSize), 1);
        ReferenceMatrix expected = new(7, rows.Columns, (inverse * Column(gradient)).Elements);
        ReferenceMatrix weight = subject.Read(curvature.Direction(own.Weight)!, null); // it has curvature
        double[] actual = bias == BiasRule.Homogeneous
            ? weight.Beside(subject.Read(curvature.Direction(own.Bias!)!)).Elements // made with a bias
            : weight.Elements;
        return LadderCheck.Error(expected.Elements, actual);
    }

    private static double Convolution(Subject subject, DampingSplit split)
    {
        const int Groups = 2;
        Convolution2d geometry = new(PaddingY: 1, PaddingX: 1, StrideY: 2, StrideX: 2, Groups: Groups);
        (Conv2d own, Conv2d reference) = subject.Twins(t => new Conv2d(2, 6, (3, 2), geometry, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(64, Lambda) with { DampingSplit = split });
        Tensor x = Subject.Normal(2, Batch, 2, 6, 5);
        Tensor g = Subject.Normal(3, Batch, 6, geometry.OutputHeight(6, 3), geometry.OutputWidth(5, 2));
        subject.Pass(own, x, g);
        curvature.Transform(1);
        reference.Forward(x).Backward(g / Batch);

        int positions = g.Shape[2] * g.Shape[3];
        ReferenceMatrix gradient = ReferenceMatrix.Of(reference.Weight.Gradient!, 6); // just computed; 3 x 2 pixels of the one channel of a group
        double[] direction = subject.Read(curvature.Direction(own.Weight)!); // it has curvature
        double worst = 0;
        for (int group = 0; group < Groups; group++)
        {
            ReferenceMatrix a = Patches.Of(x, g.Shape, geometry, 3, 2, group).SecondMoment();
            ReferenceMatrix b = Patches.Of(g, g.Shape, Convolution2d.Default with { Groups = Groups }, 1, 1, group).SecondMoment();
            Range rows = (group * 18)..((group + 1) * 18);
            ReferenceMatrix column = new(18, 1, gradient.Elements[rows]);
            worst = Math.Max(worst, LadderCheck.Error((Inverse(split, a, b, positions) * column).Elements, direction[rows]));
        }

        return worst;
    }

    /// <summary>Directions of a dense layer whose inputs and output gradients were multiplied.</summary>
    private static double Rescaled(Subject subject, DampingSplit split, double inputs, double gradients, double lambda, double expected)
    {
        double[] plain = Direction(1, 1, Lambda);
        double[] scaled = Direction(inputs, gradients, lambda);
        return LadderCheck.Error(Array.ConvertAll(plain, value => expected * value), scaled);

        double[] Direction(double scaleOfInputs, double scaleOfGradients, double damping)
        {
            (Linear own, _) = subject.Twins(static t => new Linear(9, 7, random: new RandomStream(1), type: t));
            KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(4, damping) with { DampingSplit = split });
            subject.Pass(own, Subject.Normal(2, Batch, 9) * scaleOfInputs, Subject.Normal(3, Batch, 7) * scaleOfGradients);
            curvature.Transform(1);
            return subject.Read(curvature.Direction(own.Weight)!); // it has curvature
        }
    }

    private static double Embedded(Subject subject)
    {
        (Embedding own, Embedding reference) = subject.Twins(static t => new Embedding(5, 3, new RandomStream(1), t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(64, Lambda));
        int[] ids = [0, 1, 1, 3, 3, 3];
        Tensor x = Tensor.From(ids, [3, 2]);
        Tensor g = Subject.Normal(3, 3, 2, 3);
        subject.Pass(own, x, g);
        curvature.Transform(1);
        reference.Forward(x).Backward(g / 3);

        ReferenceMatrix a = new(5, 5);
        foreach (int id in ids)
        {
            a[id, id] += 1.0 / 3;
        }

        // Rows of the table are inputs: A comes first.
        ReferenceMatrix inverse = a.Damped(Math.Sqrt(Lambda)).Kronecker(ReferenceMatrix.Of(g).SecondMoment().Damped(Math.Sqrt(Lambda))).Inverse();
        ReferenceMatrix gradient = ReferenceMatrix.Of(reference.Weight.Gradient!); // just computed
        return LadderCheck.Error((inverse * Column(gradient)).Elements, subject.Read(curvature.Direction(own.Weight)!)); // it has curvature
    }

    private static double Normalized(Subject subject)
    {
        (LayerNorm own, LayerNorm reference) = subject.Twins(static t => new LayerNorm(6, type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(64, Lambda));
        Tensor x = Subject.Normal(2, Batch, 6);
        Tensor g = Subject.Normal(3, Batch, 6);
        subject.Pass(own, x, g);
        curvature.Transform(1);
        reference.Forward(x).Backward(g / Batch);
        double[] gradient = reference.Weight.Gradient!.ToArray<double>(); // just computed
        double[] expected = Array.ConvertAll(gradient, static value => value / ((value * value / Batch) + Math.Sqrt(Lambda)));
        return LadderCheck.Error(expected, subject.Read(curvature.Direction(own.Weight)!)); // it has curvature
    }

    private static ReferenceMatrix Column(ReferenceMatrix matrix) => new(matrix.Elements.Length, 1, matrix.Elements);
}
