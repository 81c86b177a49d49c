using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>What the trace cannot see.</summary>
public sealed class StalenessProbeTests
{
    // The seed of the probe's vectors.
    private const ulong Seed = 0x50726F6265;

    [Theory]
    [MemberData(nameof(TraceRuleTests.Places), MemberType = typeof(TraceRuleTests))]
    public void Refresh_CurvatureThatTurns_IsSeenByTheProbeAlone(string place)
    {
        Assert.Equal([RefreshDecision.Refresh, RefreshDecision.Keep], Turn(place, null).Select(static line => line.Decision));
        LayerDecision[] probed = Turn(place, 0.5);
        Assert.Equal([RefreshDecision.Refresh, RefreshDecision.Refresh], probed.Select(static line => line.Decision));
        Assert.Equal(0, probed[1].Change);
        Assert.True(probed[1].Probe > 0.5, $"the probe saw {probed[1].Probe}");
        LayerDecision[] logged = Turn(place, double.PositiveInfinity);
        Assert.Equal(RefreshDecision.Keep, logged[1].Decision);
        Assert.Equal(probed[1].Probe, logged[1].Probe);
    }

    [Theory]
    [InlineData(BiasRule.FirstOrder, WeightSharing.Expand)]
    [InlineData(BiasRule.Homogeneous, WeightSharing.Expand)]
    [InlineData(BiasRule.Homogeneous, WeightSharing.Reduce)]
    public void Probe_OfEveryKindOfLayer_ComparesProductsOfTheWholeMatrices(BiasRule bias, WeightSharing sharing)
    {
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(1);
        const DType type = DType.Float64;
        (Layer Layer, Func<ulong, Tensor> Input, int[] Output)[] cases =
        [
            (new Linear(5, 3, random: random, type: type), static seed => CurvatureBench.Normal(seed, 4, 7, 5), [4, 7, 3]),
            (new Embedding(5, 3, random, type), static seed => seed == 2 ? Tensor.From([0, 1, 1, 3, 3, 3], [2, 3]) : Tensor.From([4, 1, 0, 3, 2, 3], [2, 3]), [2, 3, 3]),
            (new Conv2d(2, 3, 3, random: random, type: type), static seed => CurvatureBench.Normal(seed, 4, 2, 5, 5), [4, 3, 3, 3]),
            (new Conv2d(4, 6, 3, new Convolution2d(2, 1, 1, 2, 1, 2, Groups: 2), random: random, type: type), static seed => CurvatureBench.Normal(seed, 3, 4, 7, 6), [3, 6, 4, 6]),
        ];
        foreach ((Layer layer, Func<ulong, Tensor> input, int[] output) in cases)
        {
            using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(64) with
            {
                TraceRule = TraceRule.ThorNt,
                StalenessProbe = double.PositiveInfinity,
                Bias = bias,
                Sharing = sharing,
            });
            CurvatureBench.Pass(layer, input(2), CurvatureBench.Normal(3, output));
            Assert.Null(curvature.Refresh().Decisions[0].Probe);
            Vector<double>[] before = Products(curvature.Layers[0]);
            CurvatureBench.Pass(layer, input(4), CurvatureBench.Normal(5, output));
            double seen = curvature.Refresh().Decisions[0].Probe!.Value;
            Vector<double>[] after = Products(curvature.Layers[0]);
            double difference = before.Zip(after, static (a, b) => Math.Pow((a - b).L2Norm(), 2)).Sum();
            double held = before.Sum(static a => Math.Pow(a.L2Norm(), 2));
            Assert.Equal(Math.Sqrt(difference / held), seen, 1e-10);
        }
    }

    [Fact]
    public void Preconditioner_ProbeWithoutARuleOrBelowZero_IsRefused()
    {
        Linear layer = new(3, 2, random: new RandomStream(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { StalenessProbe = 0.1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { TraceRule = TraceRule.Thor, StalenessProbe = -1 }));
    }

    /// <summary>F z of each group, with the vectors that the preconditioner draws for its first layer.</summary>
    private static Vector<double>[] Products(LayerCurvature layer)
    {
        int groups = layer.Factors.Count / 2;
        RandomStream stream = new RandomStream(Seed).Fork(0);
        Matrix<double> inputs = CurvatureBench.Matrix(stream.Normal([groups, layer.Factors[0].Dimension], DType.Float64));
        Matrix<double> outputs = CurvatureBench.Matrix(stream.Normal([groups, layer.Factors[1].Dimension], DType.Float64));
        return
        [
            .. Enumerable.Range(0, groups).Select(group =>
            {
                KroneckerFactor a = layer.Factors[2 * group];
                KroneckerFactor g = layer.Factors[(2 * group) + 1];
                Vector<double> left = CurvatureBench.Whole(a, a.Tiles) * inputs.Row(group);
                Vector<double> right = CurvatureBench.Whole(g, g.Tiles) * outputs.Row(group);
                return Vector<double>.Build.DenseOfEnumerable(left.SelectMany(x => right.Select(y => x * y)));
            }),
        ];
    }

    /// <summary>A is diag(1, 9) at the first opportunity and diag(9, 1) at the second.</summary>
    private static LayerDecision[] Turn(string place, double? threshold)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        Linear layer = new(2, 1, random: new RandomStream(1));
        layer.To(device);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { TraceRule = TraceRule.Thor, StalenessProbe = threshold });
        List<LayerDecision> decisions = [];
        foreach ((float first, float second) in new[] { (1f, 3f), (3f, 1f) })
        {
            float root = MathF.Sqrt(2);
            curvature.Discard();
            Tensor x = Tensor.From([first * root, 0, 0, second * root], [2, 2]);
            CurvatureBench.Pass(layer, x.To(device), Tensor.Ones([2, 1], DType.Float32, device));
            curvature.Transform(0.1);
            decisions.AddRange(curvature.LastRefresh!.Decisions);
        }

        return [.. decisions];
    }
}
