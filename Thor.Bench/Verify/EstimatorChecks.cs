using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>The estimators of G, and the two ways to share a weight over positions, each where it is exact.</summary>
internal static class EstimatorChecks
{
    private const int Samples = 6;
    private const int Positions = 3;
    private const int Classes = 3;
    private const int Width = 4;

    // As in FisherChecks, with a softmax and a root on the way.
    private const double RoundingsPerLayer = 64;

    public static IEnumerable<LadderCheck> All() => [.. GaussNewton(), .. Sharing(), .. Sampling(), .. Losses()];

    private static IEnumerable<LadderCheck> GaussNewton()
    {
        foreach (int depth in (int[])[1, 2, 4])
        {
            yield return new LadderCheck(
                $"Gauss-Newton estimator, one datum, {depth} dense layers: every block is J^T (diag p - p p^T) J",
                RoundingsPerLayer * depth,
                s => Exact(
                    s, t => FisherChecks.Stack(depth, Width, Classes, bias: false, static () => new Tanh(), t), Subject.Normal(3, 1, Width), static o => PredictiveDistribution.Categorical(o), Jacobian.Softmax));
        }

        yield return new LadderCheck(
            "Gauss-Newton estimator, deep linear net, 3 layers: every block is the exact Gauss-Newton matrix",
            RoundingsPerLayer * 3,
            static s => Exact(s, Linear, Subject.Normal(3, Samples, Width), HalfSquare, static o => ReferenceMatrix.Identity(o.Length)));
    }

    private static IEnumerable<LadderCheck> Sharing()
    {
        yield return new LadderCheck(
            "Expand, deep linear net at every position: T times Kronecker is the exact Gauss-Newton matrix",
            RoundingsPerLayer * 3,
            static s => Exact(s, Linear, Subject.Normal(3, Samples, Positions, Width), HalfSquare, static o => ReferenceMatrix.Identity(o.Length), WeightSharing.Expand, Positions));
        yield return new LadderCheck(
            "Reduce, deep linear net behind a mean over positions: Kronecker is the exact Gauss-Newton matrix",
            RoundingsPerLayer * 3,
            static s => Exact(
                s, static t => new Sequential(Linear(t), new MeanOverPositions()), Subject.Normal(3, Samples, Positions, Width), HalfSquare, static o => ReferenceMatrix.Identity(o.Length), WeightSharing.Reduce));
    }

    private static IEnumerable<LadderCheck> Sampling()
    {
        // The mean of 64 squared errors, each with a few degrees of freedom, has a standard deviation of about a tenth.
        yield return new LadderCheck("Monte-Carlo estimator: the squared error of G falls as 1 / M and has the variance of a draw", 0, MonteCarlo) { Absolute = 0.4 };
        yield return new LadderCheck("Input-only: direction is the gradient times (A + lambda I)^-1", 512, InputOnly);
        yield return new LadderCheck("Statistics of half a batch are those of its first half", 128, HalfABatch);
    }

    private static IEnumerable<LadderCheck> Losses()
    {
        yield return new LadderCheck("The sum of the losses in the place of their mean leaves A and G", 128, static s => OfLoss(
            s, static (o, l) => Autograd.Losses.Losses.CrossEntropy(o, l, reduction: LossReduction.Sum).Backward()));
        yield return new LadderCheck("A loss times 24 leaves A and G", 128, static s => OfLoss(
            s, static (o, l) => (Autograd.Losses.Losses.CrossEntropy(o, l) * 24).Backward()));
        yield return new LadderCheck("A loss scale of 24 leaves A and G", 128, static s => OfLoss(
            s, static (o, l) => Autograd.Losses.Losses.CrossEntropy(o, l).Backward(24.0)));
    }

    /// <summary>The worst block of a model under the exact estimator.</summary>
    private static double Exact(
        Subject subject,
        Func<DType, Layer> make,
        Tensor inputs,
        Func<Variable, PredictiveDistribution> predict,
        Func<double[], ReferenceMatrix> lossCurvature,
        WeightSharing sharing = WeightSharing.Expand,
        int positions = 1)
    {
        (Layer own, Layer reference) = subject.Twins(make);
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { Fisher = FisherEstimator.GaussNewton, Sharing = sharing });
        curvature.ObserveModelFisher(predict(own.Forward(subject.On(inputs))));
        curvature.Refresh();
        ReferenceMatrix[] exact = Jacobian.GaussNewton(reference, inputs, lossCurvature);
        return exact.Select((block, i) => LadderCheck.Error(block, positions * subject.Block(curvature.Layers[i]))).Max();
    }

    /// <summary>
    /// How far M |G_M - G|^2 is from the variance of one draw, sum p_k |g_k|^4 - |G|^2, at the worst of three M; a batch of M times the same sample
    /// draws M labels.
    /// </summary>
    private static double MonteCarlo(Subject subject)
    {
        const int Repetitions = 64;
        (Linear own, Linear reference) = subject.Twins(static t => new Linear(Width, Classes, bias: false, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { Fisher = FisherEstimator.MonteCarlo });
        Tensor input = Subject.Normal(3, 1, Width);
        ReferenceMatrix exact = Jacobian.Softmax(reference.Forward(input).Value.ToArray<double>());
        double variance = -Square(exact);
        for (int k = 0; k < Classes; k++)
        {
            // The gradient of class k is p - e_k.
            double[] p = reference.Forward(input).Value.Softmax().ToArray<double>();
            double square = p.Select((value, i) => Math.Pow(value - (i == k ? 1 : 0), 2)).Sum();
            variance += p[k] * square * square;
        }

        double worst = 0;
        foreach (int draws in (int[])[16, 64, 256])
        {
            Tensor batch = subject.On(Tensor.Concatenate([.. Enumerable.Repeat(input, draws)], 0));
            double sum = 0;
            for (int repetition = 0; repetition < Repetitions; repetition++)
            {
                curvature.ObserveModelFisher(PredictiveDistribution.Categorical(own.Forward(batch)));
                curvature.Refresh();
                sum += Square(subject.Statistics(curvature[own], 1) + (-1 * exact));
            }

            worst = Math.Max(worst, Math.Abs((draws * sum / Repetitions / variance) - 1));
        }

        return worst;

        static double Square(ReferenceMatrix matrix) => matrix.Elements.Sum(static value => value * value);
    }

    private static double InputOnly(Subject subject)
    {
        const double Lambda = 0.1;
        (Linear own, _) = subject.Twins(static t => new Linear(9, 7, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(damping: Lambda) with { Fisher = FisherEstimator.InputOnly });
        Tensor x = Subject.Normal(2, Samples, 9);
        Tensor g = Subject.Normal(3, Samples, 7);
        subject.Pass(own, x, g);
        curvature.Transform(1);
        ReferenceMatrix rows = ReferenceMatrix.Of(x);
        ReferenceMatrix gradient = 1.0 / Samples * (ReferenceMatrix.Of(g).Transpose() * rows);
        return LadderCheck.Error(gradient * rows.SecondMoment().Damped(Lambda).Inverse(), subject.Read(curvature.Direction(own.Weight)!, null)); // it has curvature
    }

    private static double HalfABatch(Subject subject)
    {
        (Linear own, _) = subject.Twins(static t => new Linear(9, 7, random: new RandomStream(1), type: t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { StatisticsShare = 0.5 });
        Tensor x = Subject.Normal(2, Samples, 9);
        Tensor g = Subject.Normal(3, Samples, 7);
        subject.Pass(own, x, g);
        curvature.Refresh();
        return Math.Max(
            LadderCheck.Error(ReferenceMatrix.Of(x.Slice(0, 0, Samples / 2)).SecondMoment(), subject.Statistics(curvature[own], 0)),
            LadderCheck.Error(ReferenceMatrix.Of(g.Slice(0, 0, Samples / 2)).SecondMoment(), subject.Statistics(curvature[own], 1)));
    }

    /// <summary>The worst factor of a net after another form of its loss, against those of the mean cross-entropy.</summary>
    private static double OfLoss(Subject subject, Action<Variable, Tensor> backward)
    {
        (Sequential own, _) = subject.Twins(static t => FisherChecks.Stack(2, Width, Classes, bias: true, static () => new Tanh(), t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options());
        Tensor inputs = subject.On(Subject.Normal(3, Samples, Width));
        Tensor labels = subject.On(Tensor.From(0, 1, 2, 1, 0, 1));
        Autograd.Losses.Losses.CrossEntropy(own.Forward(inputs), labels).Backward();
        curvature.Refresh();
        double[][] before = Factors();
        backward(own.Forward(inputs), labels);
        curvature.Refresh();
        return before.Zip(Factors(), LadderCheck.Error).Max();

        double[][] Factors() => [.. curvature.Layers.SelectMany(static l => l.Factors).Select(f => subject.Read(f.Tiles))];
    }

    private static Sequential Linear(DType type) => FisherChecks.Stack(3, Width, Classes, bias: false, static () => null, type);

    /// <summary>Half the squared error, whose Hessian in the outputs is the identity.</summary>
    private static PredictiveDistribution HalfSquare(Variable outputs) => PredictiveDistribution.Gaussian(outputs, 0.5);

    /// <summary>(samples, positions, width) to (samples, width).</summary>
    private sealed class MeanOverPositions : Layer
    {
        protected override Variable Run(Variable input) => input.Mean(1);
    }
}
