using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Blocks of 2 x 2 for weight and bias of each channel of a normalisation.</summary>
public sealed class NormBlockTests
{
    private const double Epsilon = 1e-5;
    private const double Lambda = 0.1;
    private const int Samples = 5;
    private const int Channels = 3;

    /// <summary>Kinds of normalisation, parts of the batch, and ways to split damping, of which there is nothing to split.</summary>
    public static TheoryData<string, double, DampingSplit> Cases => new()
    {
        { "batch", 1, DampingSplit.Plain },
        { "batch", 0.5, DampingSplit.Exact },
        { "layer", 1, DampingSplit.Pi },
        { "layer", 0.5, DampingSplit.Plain },
        { "sequence", 1, DampingSplit.Exact },
        { "sequence", 0.5, DampingSplit.Plain },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void UnitWise_OfEachChannel_IsTheMeanOverSamplesAndInvertedExactly(string kind, double share, DampingSplit split)
    {
        using TensorScope scope = TensorScope.Begin();
        (CurvatureLayer layer, int[] shape) = Make(kind);
        KroneckerOptions options = CurvatureBench.Plain(damping: Lambda) with { Norm = NormRule.UnitWise, StatisticsShare = share, DampingSplit = split };
        using KroneckerPreconditioner curvature = new(layer, options);
        Tensor x = CurvatureBench.Normal(2, shape);
        Tensor g = CurvatureBench.Normal(3, shape);
        CurvatureBench.Pass(layer, x, g);
        curvature.Transform(1);

        double[] direction = curvature.Direction(layer.Weight)!.ToArray<double>();
        double[] biasDirection = curvature.Direction(layer.Bias!)!.ToArray<double>();
        Matrix<double>[] rows = GradientsOfSamples(kind, x, g);
        int looked = share == 1 ? Samples : 3;
        KroneckerFactor factor = Assert.Single(curvature[layer].Factors);
        Assert.Equal(Channels, factor.TileCount);
        for (int channel = 0; channel < Channels; channel++)
        {
            Matrix<double> s = rows[channel].SubMatrix(0, looked, 0, 2);
            Matrix<double> expected = s.TransposeThisAndMultiply(s) / looked;
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(factor.Tile(factor.Tiles, channel))) < 1e-12);
            Vector<double> gradient = rows[channel].ColumnSums() / Samples;
            Vector<double> solved = CurvatureBench.DampedInverse(expected, Lambda) * gradient;
            Assert.Equal(solved[0], direction[channel], 1e-11);
            Assert.Equal(solved[1], biasDirection[channel], 1e-11);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void UnitWise_OnADevice_StepsAlongTheHostsDirection(string place)
    {
        TestDevices.Require(place);
        using TensorScope scope = TensorScope.Begin();
        double[] expected = DirectionOn(Device.Host);
        double[] actual = DirectionOn(Device.Parse(place));
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Diagonal_BatchNorms_AreFirstOrderAsPublished()
    {
        BatchNorm2d layer = new(Channels);
        using (KroneckerPreconditioner published = new(layer))
        {
            Assert.Empty(published.Layers);
            Assert.Empty(published.FirstOrderLayers);
        }

        using KroneckerPreconditioner unitWise = new(layer, new KroneckerOptions { Norm = NormRule.UnitWise, Fisher = FisherEstimator.InputOnly });
        Assert.Single(Assert.Single(unitWise.Layers).Factors);
    }

    private static double[] DirectionOn(Device device)
    {
        RandomStream random = new(1);
        Sequential model = new(new Conv2d(2, Channels, 3, random: random), new BatchNorm2d(Channels), new Relu(), new Flatten(), new LayerNorm(9 * Channels));
        model.To(device);
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain(damping: Lambda) with { Norm = NormRule.UnitWise });
        CurvatureBench.Pass(model, Number(2, Samples, 2, 5, 5), Number(3, Samples, 9 * Channels));
        curvature.Transform(1);
        return [.. model.Parameters().Where(p => curvature.Direction(p) is not null).SelectMany(p => curvature.Direction(p)!.To(Device.Host).Cast(DType.Float64).ToArray<double>())];

        Tensor Number(ulong seed, params int[] shape) => CurvatureBench.Normal(seed, shape).Cast(DType.Float32).To(device);
    }

    private static (CurvatureLayer Layer, int[] Shape) Make(string kind)
    {
        (CurvatureLayer layer, int[] shape) = kind switch
        {
            "batch" => ((CurvatureLayer)new BatchNorm2d(Channels, Epsilon, type: DType.Float64), new[] { Samples, Channels, 2, 3 }),
            "layer" => (new LayerNorm(Channels, Epsilon, DType.Float64), [Samples, Channels]),
            _ => (new LayerNorm(Channels, Epsilon, DType.Float64), [Samples, 4, Channels]),
        };
        layer.Weight.Value.CopyFrom(Tensor.From(0.5, -2, 0)); // the input cannot be found from the output of the last channel
        return (layer, shape);
    }

    /// <summary>For each channel the gradients of weight and bias of the samples' losses: (samples, 2).</summary>
    private static Matrix<double>[] GradientsOfSamples(string kind, Tensor x, Tensor g)
    {
        bool byChannel = kind == "batch";
        int[] axes = byChannel ? [0, 2, 3] : [-1];
        Tensor centred = x - x.Reduce(Thor.Kernels.ReduceOperation.Mean, axes, keepAxes: true);
        Tensor variance = (centred * centred).Reduce(Thor.Kernels.ReduceOperation.Mean, axes, keepAxes: true) + Epsilon;
        Tensor normalised = centred / variance.Map(Thor.Kernels.UnaryOperation.SquareRoot);
        Tensor ofWeight = PerSample(g * normalised);
        Tensor ofBias = PerSample(g);
        return [.. Enumerable.Range(0, Channels).Select(channel => Matrix<double>.Build.DenseOfColumns(
            [ofWeight.Select(1, channel).ToArray<double>(), ofBias.Select(1, channel).ToArray<double>()]))];

        Tensor PerSample(Tensor values) => byChannel ? values.Sum(2, 3) : values.Reshape(Samples, -1, Channels).Sum(1);
    }
}
