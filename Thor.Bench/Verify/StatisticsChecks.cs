using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>A and G against their definitions, and what must leave them as they are.</summary>
internal static class StatisticsChecks
{
    private const int Batch = 12;

    // The error of a sum of k products is at most about k units; these are sums over at most 126 rows.
    private const double Roundings = 128;

    private static readonly (string Name, Convolution2d Geometry, int KernelY, int KernelX)[] s_geometries =
    [
        ("3x3", Convolution2d.Default, 3, 3),
        ("3x2, stride 2x1", new Convolution2d(StrideY: 2, StrideX: 1), 3, 2),
        ("3x3, padding 1x2", new Convolution2d(PaddingY: 1, PaddingX: 2), 3, 3),
        ("2x3, dilation 2x1", new Convolution2d(DilationY: 2, DilationX: 1, PaddingY: 1), 2, 3),
        ("3x3, 2 groups", new Convolution2d(Groups: 2), 3, 3),
        ("1x1, 4 groups", new Convolution2d(Groups: 4), 1, 1),
        ("3x2, all at once", new Convolution2d(2, 2, 1, 1, 1, 2, 2), 3, 2),
    ];

    public static IEnumerable<LadderCheck> All() => [.. Convolutions(), .. Tiles(), .. Averages(), .. Invariances()];

    private static IEnumerable<LadderCheck> Convolutions()
    {
        foreach ((string name, Convolution2d geometry, int kernelY, int kernelX) in s_geometries)
        {
            yield return new LadderCheck(
                $"Convolution {name}: A and G of explicit patches",
                Roundings,
                s => Convolution(s, geometry, kernelY, kernelX, BiasRule.FirstOrder));
        }

        (string all, Convolution2d mixed, int y, int x) = s_geometries[^1];
        yield return new LadderCheck(
            $"Convolution {all}, homogeneous bias: patches end with 1", Roundings, s => Convolution(s, mixed, y, x, BiasRule.Homogeneous));
    }

    private static IEnumerable<LadderCheck> Tiles()
    {
        // 37 inputs and 21 outputs: whole, exactly covered, ragged tails of 1 and 5 rows, single rows.
        foreach (int tileSize in (int[])[64, 37, 16, 12, 4, 1])
        {
            yield return new LadderCheck(
                tileSize >= 37 ? $"Dense, tiles of {tileSize}: one tile is the whole matrix" : $"Dense, tiles of {tileSize}: diagonal blocks of the whole matrix",
                Roundings,
                s => Dense(s, tileSize));
        }
    }

    private static IEnumerable<LadderCheck> Averages()
    {
        yield return new LadderCheck("Moving average of 3 refreshes is corrected for its start", Roundings, MovingAverage);
        yield return new LadderCheck(
            "Passes over parts of a batch count as one batch",
            Roundings,
            static s => Change(s, (s, model, x, g) =>
            {
                s.Pass(model, x.Slice(0, 0, 5), g.Slice(0, 0, 5));
                s.Pass(model, x.Slice(0, 5, Batch - 5), g.Slice(0, 5, Batch - 5));
            }));
    }

    private static IEnumerable<LadderCheck> Invariances()
    {
        yield return new LadderCheck(
            "A batch given twice has the same A and G",
            Roundings,
            static s => Change(s, static (s, model, x, g) => s.Pass(model, Tensor.Concatenate([x, x], 0), Tensor.Concatenate([g, g], 0))));
        yield return new LadderCheck(
            "The order of samples does not matter to A and G",
            Roundings,
            static s => Change(s, static (s, model, x, g) => s.Pass(
                model, Tensor.Concatenate([x.Slice(0, 5, Batch - 5), x.Slice(0, 0, 5)], 0), Tensor.Concatenate([g.Slice(0, 5, Batch - 5), g.Slice(0, 0, 5)], 0))));
    }

    private static double Convolution(Subject subject, Convolution2d geometry, int kernelY, int kernelX, BiasRule bias)
    {
        (Conv2d own, _) = subject.Twins(t => new Conv2d(4, 8, (kernelY, kernelX), geometry, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { Bias = bias });
        Tensor x = Subject.Normal(2, 3, 4, 6, 7);
        Tensor g = Subject.Normal(3, 3, 8, geometry.OutputHeight(6, kernelY), geometry.OutputWidth(7, kernelX));
        subject.Pass(own, x, g);
        curvature.Refresh();
        double worst = 0;
        for (int group = 0; group < geometry.Groups; group++)
        {
            ReferenceMatrix patches = Patches.Of(x, g.Shape, geometry, kernelY, kernelX, group);
            ReferenceMatrix a = (bias == BiasRule.Homogeneous ? patches.WithOnes() : patches).SecondMoment();
            ReferenceMatrix b = Patches.Of(g, g.Shape, Convolution2d.Default with { Groups = geometry.Groups }, 1, 1, group).SecondMoment();
            worst = Math.Max(worst, LadderCheck.Error(a, subject.Statistics(curvature[own], 2 * group)));
            worst = Math.Max(worst, LadderCheck.Error(b, subject.Statistics(curvature[own], (2 * group) + 1)));
        }

        return worst;
    }

    private static double Dense(Subject subject, int tileSize)
    {
        (Linear own, _) = subject.Twins(static t => new Linear(37, 21, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(tileSize));
        Tensor x = Subject.Normal(2, Batch, 37);
        Tensor g = Subject.Normal(3, Batch, 21);
        subject.Pass(own, x, g);
        curvature.Refresh();
        return Math.Max(
            LadderCheck.Error(ReferenceMatrix.Of(x).SecondMoment().Masked(tileSize), subject.Statistics(curvature[own], 0)),
            LadderCheck.Error(ReferenceMatrix.Of(g).SecondMoment().Masked(tileSize), subject.Statistics(curvature[own], 1)));
    }

    private static double MovingAverage(Subject subject)
    {
        const double Decay = 0.8;
        (Linear own, _) = subject.Twins(static t => new Linear(4, 3, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { StatisticsDecay = Decay });
        ReferenceMatrix sum = new(4, 4);
        double weights = 0;
        double worst = 0;
        for (ulong refresh = 0; refresh < 3; refresh++)
        {
            Tensor x = Subject.Normal(10 + refresh, 6, 4);
            subject.Pass(own, x, Subject.Normal(3, 6, 3));
            curvature.Refresh();
            sum = (Decay * sum) + ((1 - Decay) * ReferenceMatrix.Of(x).SecondMoment());
            weights = (Decay * weights) + 1 - Decay;
            worst = Math.Max(worst, LadderCheck.Error(1 / weights * sum, subject.Statistics(curvature[own], 0)));
        }

        return worst;
    }

    /// <summary>The worst factor after the same batch in two ways.</summary>
    private static double Change(Subject subject, Action<Subject, Layer, Tensor, Tensor> pass)
    {
        (Sequential own, _) = subject.Twins(static t => new Sequential(
            new Conv2d(2, 3, 3, random: new RandomStream(1), type: t), new Flatten(), new Linear(27, 4, random: new RandomStream(2), type: t)));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options());
        Tensor x = Subject.Normal(2, Batch, 2, 5, 5);
        Tensor g = Subject.Normal(3, Batch, 4);
        subject.Pass(own, x, g);
        curvature.Refresh();
        double[][] before = Factors();
        pass(subject, own, x, g);
        curvature.Refresh();
        return before.Zip(Factors(), LadderCheck.Error).Max();

        double[][] Factors() => [.. curvature.Layers.SelectMany(static l => l.Factors).Select(f => subject.Read(f.Tiles))];
    }
}
