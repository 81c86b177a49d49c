using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Inverses that are computed beside the training take effect at their step, and not before.</summary>
public sealed class RefreshDelayTests
{
    [Theory]
    [MemberData(nameof(TraceRuleTests.Places), MemberType = typeof(TraceRuleTests))]
    public void Refresh_Delayed_SwitchesAtItsStep(string place) =>
        Check(place, delay: 2, interval: 5, steps: 12, switches: [0, 7]);

    [Theory]
    [MemberData(nameof(TraceRuleTests.Places), MemberType = typeof(TraceRuleTests))]
    public void Refresh_BeforeTheLastTookEffect_LetsItTakeEffectFirst(string place) =>
        Check(place, delay: 4, interval: 3, steps: 11, switches: [0, 6, 9]);

    [Fact]
    public void Refresh_NegativeDelay_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new KroneckerPreconditioner(new Linear(3, 2, random: new RandomStream(1)), new KroneckerOptions { RefreshDelay = -1 }));

    private static void Check(string place, int delay, int interval, int steps, long[] switches)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        Linear layer = new(50, 30, random: new RandomStream(1));
        layer.To(device);
        using KroneckerPreconditioner curvature = new(
            layer, new KroneckerOptions { TileSize = 16, Damping = 0.01, RefreshDelay = delay, Refresh = RefreshSchedule.Every(interval) });
        KroneckerFactor a = curvature[layer].Factors[0];
        List<long> seen = [];
        float[] held = Read(a.Inverse);
        float[] fresh = [];
        for (int step = 0; step < steps; step++)
        {
            layer.Weight.ZeroGrad();
            layer.Bias!.ZeroGrad();
            curvature.Discard();
            Tensor x = CurvatureBench.Normal((ulong)(100 + step), 64, 50).Cast(DType.Float32).To(device);
            CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, 64, 30).Cast(DType.Float32).To(device));
            float[] expected = fresh;
            curvature.Transform(0.1);
            if (step % interval == 0)
            {
                fresh = Inverted(a);
                expected = step == 0 ? fresh : expected;
            }

            float[] now = Read(a.Inverse);
            if (!now.AsSpan().SequenceEqual(held))
            {
                seen.Add(step);
                Assert.Equal(expected, now);
                held = now;
            }
        }

        Assert.Equal(switches, seen);
        Assert.Empty(curvature.LastRefresh!.Failures);
    }

    /// <summary>What the inverse of the statistics is when it is computed in turn.</summary>
    private static float[] Inverted(KroneckerFactor factor)
    {
        Tensor inverse = factor.Tiles.EmptyLike(factor.Tiles.Shape);
        TileSlot[] slots = TileLayout.Slots(factor.Dimension, factor.TileSize, factor.Damping);
        factor.Tiles.Device.Backend.TileInverse(factor.Tiles, inverse, slots, Tensor.Empty([slots.Length], DType.Int32, inverse.Device));
        return Read(inverse);
    }

    private static float[] Read(Tensor tensor) => tensor.To(Device.Host).ToArray<float>();
}
