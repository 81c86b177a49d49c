using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>
/// Where a Kronecker product is not an approximation: blocks of curvature against exact ones, made of derivatives sample by sample.
/// </summary>
internal static class FisherChecks
{
    private const int Samples = 6;
    private const int Positions = 3;

    // A sum of a few rows behind a few layers of a few terms each, forward and back.
    private const double RoundingsPerLayer = 32;

    public static IEnumerable<LadderCheck> All() => [.. OneDatum(), .. DeepLinear()];

    private static IEnumerable<LadderCheck> OneDatum()
    {
        foreach (int depth in (int[])[1, 2, 4, 8])
        {
            yield return new LadderCheck(
                $"One datum, {depth} dense layers: every block is the exact Fisher",
                RoundingsPerLayer * depth,
                s => OneDatum(s, t => Tower(depth, t), Subject.Normal(3, 1, 4), BiasRule.FirstOrder));
        }

        yield return new LadderCheck(
            "One datum, 4 dense layers, homogeneous biases: every block is the exact Fisher",
            RoundingsPerLayer * 4,
            static s => OneDatum(s, static t => Tower(4, t), Subject.Normal(3, 1, 4), BiasRule.Homogeneous));
        yield return new LadderCheck(
            "One datum, convolution to one position: the block is the exact Fisher",
            RoundingsPerLayer * 2,
            static s => OneDatum(s, Picture, Subject.Normal(4, 1, 2, 5, 4), BiasRule.FirstOrder));
        yield return new LadderCheck(
            "One datum, one id: an embedding's block is the exact Fisher",
            RoundingsPerLayer * 2,
            static s => OneDatum(s, Word, Tensor.From([3], [1, 1]), BiasRule.FirstOrder));
    }

    private static IEnumerable<LadderCheck> DeepLinear()
    {
        foreach (int depth in (int[])[1, 3, 6])
        {
            yield return new LadderCheck(
                $"Deep linear net, {depth} layers: Kronecker is the exact Gauss-Newton matrix",
                RoundingsPerLayer * depth,
                s => DeepLinear(s, depth, [Samples], positions: 1));
        }

        yield return new LadderCheck(
            "Deep linear net over T positions: T times Kronecker is the exact Gauss-Newton matrix",
            RoundingsPerLayer * 3,
            static s => DeepLinear(s, 3, [Samples, Positions], Positions));
    }

    /// <summary>The worst block of a model, after one sample with its own label.</summary>
    private static double OneDatum(Subject subject, Func<DType, Layer> make, Tensor input, BiasRule bias)
    {
        (Layer own, Layer reference) = subject.Twins(make);
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options() with { Bias = bias });
        Tensor label = Tensor.From([1]);
        Losses.CrossEntropy(own.Forward(subject.On(input)), subject.On(label)).Backward();
        curvature.Refresh();
        Losses.CrossEntropy(reference.Forward(input), label).Backward();

        ICurvatureLayer[] layers = [.. reference.Modules().Select(static m => m.Value).OfType<ICurvatureLayer>()];
        double worst = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            Tensor weight = layers[i].Weight.Gradient!; // just computed
            int outputs = layers[i] is Embedding ? weight.Shape[1] : weight.Shape[0];

            // Rows of an embedding's table are inputs; elsewhere rows are outputs.
            ReferenceMatrix gradient = ReferenceMatrix.Of(layers[i] is Embedding ? weight.Transpose().Contiguous() : weight, (int)(weight.Length / outputs));
            gradient = bias == BiasRule.Homogeneous ? gradient.Beside(layers[i].Bias!.Gradient!.ToArray<double>()) : gradient; // these layers have biases
            ReferenceMatrix row = new(1, gradient.Elements.Length, gradient.Elements);
            worst = Math.Max(worst, LadderCheck.Error(row.Transpose() * row, subject.Block(curvature.Layers[i])));
        }

        return worst;
    }

    /// <summary>
    /// The worst block of a net of dense layers without activations, for half the squared error. Each sample comes once for each output,
    /// with the gradient sqrt(outputs) e_k: the mean over these of g g^T is the expected one.
    /// </summary>
    private static double DeepLinear(Subject subject, int depth, int[] leading, int positions)
    {
        const int Width = 4;
        const int Outputs = 3;
        (Layer own, Layer reference) = subject.Twins(t => Stack(depth, Width, Outputs, bias: false, static () => null, t));
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options());
        Tensor inputs = Subject.Normal(5, [.. leading, Width]);
        Tensor repeated = Tensor.Concatenate([.. Enumerable.Repeat(inputs, Outputs)], 0);
        Tensor seeds = Tensor.Zeros([Outputs * Samples, positions, Outputs], DType.Float64);
        for (int k = 0; k < Outputs; k++)
        {
            seeds.Slice(0, k * Samples, Samples).Slice(2, k, 1).Fill(Math.Sqrt(Outputs));
        }

        subject.Pass(own, repeated, seeds.Reshape(new Shape([Outputs * Samples, .. leading[1..], Outputs])));
        curvature.Refresh();
        ReferenceMatrix[] exact = Jacobian.GaussNewton(reference, inputs, static outputs => ReferenceMatrix.Identity(outputs.Length));
        return exact.Select((block, i) => LadderCheck.Error(block, positions * subject.Block(curvature.Layers[i]))).Max();
    }

    /// <summary>Dense layers of width 4 with tanh between them, to 3 classes.</summary>
    private static Sequential Tower(int depth, DType type) => Stack(depth, 4, 3, bias: true, static () => new Tanh(), type);

    /// <summary>Dense layers with a layer, or nothing, between them.</summary>
    internal static Sequential Stack(int depth, int width, int outputs, bool bias, Func<Layer?> between, DType type)
    {
        RandomStream random = new(7);
        List<Layer> layers = [];
        for (int i = 0; i < depth; i++)
        {
            layers.Add(new Linear(width, i == depth - 1 ? outputs : width, bias, random, type));
            if (i < depth - 1 && between() is Layer layer)
            {
                layers.Add(layer);
            }
        }

        return new Sequential([.. layers]);
    }

    private static Sequential Picture(DType type) => new(new Conv2d(2, 3, (5, 4), random: new RandomStream(8), type: type), new Flatten());

    private static Sequential Word(DType type) => new(new Embedding(5, 3, new RandomStream(9), type), new Flatten());
}
