using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Lengths of steps: clips, grafting, and where weight decay comes in.</summary>
public sealed class StepShapeTests
{
    [Theory]
    [InlineData(Grafting.None)]
    [InlineData(Grafting.Sgd)]
    public void TensorClip_ShortensOnlyDirectionsBeyondTheBound(Grafting grafting)
    {
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model();
        KroneckerOptions options = CurvatureBench.Plain(8, 0.01) with { Grafting = grafting };
        double[][] free = Directions(model, options, out double[][] gradients);
        double[] lengths = [.. (grafting == Grafting.None ? free : gradients).Select(Norm)];
        double bound = (lengths[0] + lengths[1]) / 2;
        double[][] clipped = Directions(model, options with { TensorClip = bound }, out _);
        for (int i = 0; i < free.Length; i++)
        {
            Assert.Equal(Math.Min(bound, lengths[i]), Norm(clipped[i]), 1e-12 * lengths[i]);
            Parallel(free[i], clipped[i]);
        }
    }

    [Fact]
    public void Grafting_FromSgd_HasTheNormOfTheGradient()
    {
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model();
        double[][] free = Directions(model, CurvatureBench.Plain(8, 0.01), out double[][] gradients);
        double[][] grafted = Directions(model, CurvatureBench.Plain(8, 0.01) with { Grafting = Grafting.Sgd }, out _);
        for (int i = 0; i < free.Length; i++)
        {
            Assert.Equal(Norm(gradients[i]), Norm(grafted[i]), 1e-12);
            Parallel(free[i], grafted[i]);
        }
    }

    [Fact]
    public void Grafting_FromAdam_HasTheNormOfItsStepAlsoWhenResumed()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(5, 3, bias: false, random: new RandomStream(1), type: DType.Float64);
        Linear twin = new(5, 3, bias: false, random: new RandomStream(1), type: DType.Float64);
        KroneckerOptions options = CurvatureBench.Plain(8, 0.01) with { Grafting = Grafting.Adam };
        using KroneckerPreconditioner curvature = new(layer, options);
        using KroneckerPreconditioner resumed = new(twin, options);
        using Adam adam = new(twin.Parameters(), 1);
        for (ulong step = 0; step < 4; step++)
        {
            layer.Weight.ZeroGrad();
            twin.Weight.ZeroGrad();
            if (step == 2)
            {
                resumed.Load(curvature.StateDict());
            }

            double[] before = twin.Weight.Value.ToArray<double>();
            foreach (Linear each in (Linear[])[layer, twin])
            {
                CurvatureBench.Pass(each, CurvatureBench.Normal(10 + step, 6, 5), CurvatureBench.Normal(20 + step, 6, 3));
            }

            curvature.Transform(0.1);
            resumed.Transform(0.1);
            adam.Step();
            double[] direction = curvature.Direction(layer.Weight)!.ToArray<double>();
            Assert.Equal(Norm([.. twin.Weight.Value.ToArray<double>().Zip(before, static (a, b) => a - b)]), Norm(direction), 1e-9);
            if (step >= 2)
            {
                Assert.Equal(direction, resumed.Direction(twin.Weight)!.ToArray<double>());
            }
        }
    }

    [Fact]
    public void KlClip_OfGraftedDirections_SeesThemAsTheyAre()
    {
        const double Rate = 0.5;
        const double Bound = 1e-3;
        using TensorScope scope = TensorScope.Begin();
        Sequential model = Model();
        KroneckerOptions options = CurvatureBench.Plain(8, 0.01) with { Grafting = Grafting.Sgd };
        double[][] free = Directions(model, options, out double[][] gradients, Rate);
        double[][] clipped = Directions(model, options with { KlClip = Bound }, out _, Rate);
        double inner = free.Zip(gradients, static (v, g) => v.Zip(g, static (a, b) => a * b).Sum()).Sum();
        double expected = Math.Sqrt(Bound / (Rate * Rate * inner));
        for (int i = 0; i < free.Length; i++)
        {
            Assert.All(free[i].Zip(clipped[i]), pair => Assert.Equal(pair.First * expected, pair.Second, 1e-12));
        }
    }

    [Fact]
    public void WeightDecay_OfEveryOrder_IsOneStepByHand()
    {
        const double Decay = 0.3;
        const double Rate = 0.1;
        double[] Step(WeightDecay decay, double gradientDecay, out double[] start, out double[] direction)
        {
            using TensorScope scope = TensorScope.Begin();
            Linear layer = new(4, 3, bias: false, random: new RandomStream(1), type: DType.Float64);
            start = layer.Weight.Value.ToArray<double>();
            using (KroneckerPreconditioner reference = new(layer, CurvatureBench.Plain(8, 0.04)))
            {
                CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 6, 4), CurvatureBench.Normal(3, 6, 3));
                layer.Weight.Gradient!.AddInPlace(layer.Weight.Value, gradientDecay);
                reference.Transform(Rate);
                direction = reference.Direction(layer.Weight)!.ToArray<double>();
                layer.Weight.ZeroGrad();
            }

            using Preconditioned optimizer = new(
                new KroneckerPreconditioner(layer, CurvatureBench.Plain(8, 0.04)), new Momentum(ParameterGroup.Of(layer), Rate, weightDecay: decay));
            CurvatureBench.Pass(layer, CurvatureBench.Normal(2, 6, 4), CurvatureBench.Normal(3, 6, 3));
            optimizer.Step();
            return layer.Weight.Value.ToArray<double>();
        }

        double[] after = Step(Decay, 0, out double[] w, out double[] v);
        Assert.All(after.Select((value, i) => (value, i)), x => Assert.Equal(w[x.i] - (Rate * (v[x.i] + (Decay * w[x.i]))), x.value, 1e-13));
        double[] apart = Step(WeightDecay.Decoupled(Decay), 0, out w, out v);
        Assert.All(apart.Select((value, i) => (value, i)), x => Assert.Equal((w[x.i] * (1 - (Rate * Decay))) - (Rate * v[x.i]), x.value, 1e-13));
        double[] early = Step(WeightDecay.Early(Decay), Decay, out w, out v);
        Assert.All(early.Select((value, i) => (value, i)), x => Assert.Equal(w[x.i] - (Rate * v[x.i]), x.value, 1e-13));
    }

    [Fact]
    public void WeightDecay_EarlyWithoutPreconditioner_IsCoupled()
    {
        Parameter coupled = new(Tensor.From(2.0, -3));
        Parameter early = new(Tensor.From(2.0, -3));
        foreach ((Parameter parameter, WeightDecay decay) in (ReadOnlySpan<(Parameter, WeightDecay)>)[(coupled, 0.1), (early, WeightDecay.Early(0.1))])
        {
            using Momentum optimizer = new([parameter], 0.5, weightDecay: decay);
            parameter.Gradient = Tensor.From(0.25, 1.0);
            optimizer.Step();
        }

        Assert.Equal(coupled.Value.ToArray<double>(), early.Value.ToArray<double>());
        Assert.Throws<ArgumentException>(() => new Momentum([coupled], 0.5, weightDecay: new WeightDecay(0.1, true, true)));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Shape_OnADevice_StepsAsOnTheHost(string kind)
    {
        TestDevices.Require(kind);
        ThorOptions options = new() { TileSize = 5, Grafting = Grafting.Adam, TensorClip = 2, Refresh = RefreshSchedule.Every(1), LearningRate = 0.1 };
        using TensorScope scope = TensorScope.Begin();
        float[] Weights(Device device)
        {
            Linear layer = (Linear)new Linear(9, 7, random: new RandomStream(1)).To(device);
            using ThorOptimizer optimizer = new(layer, options);
            for (ulong step = 0; step < 3; step++)
            {
                optimizer.ZeroGrad();
                CurvatureBench.Pass(
                    layer, new RandomStream(100 + step).Normal(new Shape([8, 9])).To(device), new RandomStream(200 + step).Normal(new Shape([8, 7])).To(device));
                optimizer.Step();
            }

            return layer.Weight.Value.To(Device.Host).ToArray<float>();
        }

        float[] expected = Weights(Device.Host);
        Assert.All(expected.Zip(Weights(Device.Parse(kind))), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private static Sequential Model() => new(
        new Linear(5, 4, bias: false, random: new RandomStream(1), type: DType.Float64),
        new Linear(4, 3, bias: false, random: new RandomStream(2), type: DType.Float64));

    private static double[][] Directions(Sequential model, KroneckerOptions options, out double[][] gradients, double rate = 0.1)
    {
        using KroneckerPreconditioner curvature = new(model, options);
        foreach (Parameter parameter in model.Parameters())
        {
            parameter.ZeroGrad();
        }

        CurvatureBench.Pass(model, CurvatureBench.Normal(2, 7, 5), CurvatureBench.Normal(3, 7, 3));
        curvature.Transform(rate);
        gradients = [.. model.Parameters().Select(static p => p.Gradient!.ToArray<double>())];
        return [.. model.Parameters().Select(p => curvature.Direction(p)!.ToArray<double>())];
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(static value => value * value));

    private static void Parallel(double[] a, double[] b) =>
        Assert.Equal(Norm(a) * Norm(b), a.Zip(b, static (x, y) => x * y).Sum(), 1e-12 * Norm(a) * Norm(b));
}
