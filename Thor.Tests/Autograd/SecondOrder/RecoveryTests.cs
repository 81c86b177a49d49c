using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>Faults in one tile of three: which rung holds it, and that no other tile notices.</summary>
public sealed class RecoveryTests
{
    private const int Inputs = 12;
    private const int Faulty = 1;

    /// <summary>Every place with every fault: what the inputs of the faulty tile become, the damping of a factor, the ladder, and the rung expected with and without an inverse to fall back on.</summary>
    public static TheoryData<string, string, double, string, RecoveryRung?, RecoveryRung?> Cases
    {
        get
        {
            TheoryData<string, string, double, string, RecoveryRung?, RecoveryRung?> cases = [];
            foreach (string place in TraceRuleTests.Places.Select(static row => row.Data))
            {
                cases.Add(place, "nan", 0.25, "full", RecoveryRung.Identity, RecoveryRung.LastGood);
                cases.Add(place, "infinity", 0.25, "full", RecoveryRung.Identity, RecoveryRung.LastGood);
                cases.Add(place, "nan", 0.25, "keep-last", RecoveryRung.Identity, RecoveryRung.LastGood);
                cases.Add(place, "rank one", 0.25, "full", null, null);
                cases.Add(place, "zero", 0.25, "full", null, null);
                cases.Add(place, "1e-30", 0.25, "full", null, null);
                cases.Add(place, "rank one", 1e-9, "full", RecoveryRung.MoreDamping, RecoveryRung.MoreDamping);
                cases.Add(place, "rank one", 1e-9, "no-wait", RecoveryRung.MoreDamping, RecoveryRung.MoreDamping);
                cases.Add(place, "rank one", 0, "no-wait", place == "host" ? RecoveryRung.Diagonal : RecoveryRung.Identity, RecoveryRung.LastGood);
                cases.Add(place, "rank one", 1e-9, "0:10", RecoveryRung.Float64, RecoveryRung.Float64);
                cases.Add(place, "rank one", 0, "full", RecoveryRung.Diagonal, RecoveryRung.LastGood);
                cases.Add(place, "zero", 0, "full", RecoveryRung.Identity, RecoveryRung.LastGood);
                cases.Add(place, "1e-30", 0, "full", RecoveryRung.Identity, RecoveryRung.LastGood); // squares are zero in Float32
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tile_ThatFails_StandsOnTheRungThatHoldsAndLeavesTheOthersAlone(
        string place, string fault, double damping, string ladder, RecoveryRung? atFirst, RecoveryRung? later)
    {
        KroneckerOptions options = CurvatureBench.Plain(4, damping * damping) with
        {
            Recovery = RecoveryLadder.Parse(ladder),
            Refresh = RefreshSchedule.Every(2),
        };
        Result sound = Run(place, options, fault: null, refreshes: 2);
        Check(Run(place, options, fault, refreshes: 1), Run(place, options, null, refreshes: 1), atFirst);
        Result second = Run(place, options, fault, refreshes: 2);
        Check(second, sound, later);
        if (later == RecoveryRung.LastGood)
        {
            Assert.Equal(Run(place, options, null, refreshes: 1).Tiles[Faulty], second.Tiles[Faulty]);
        }
    }

    [Theory]
    [InlineData("no-wait")]
    [InlineData("full")]
    [InlineData("keep-last")]
    [InlineData("0:10")]
    [InlineData("5:2.5")]
    public void RecoveryLadder_FromText_HasTheSameText(string text) => Assert.Equal(text, RecoveryLadder.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("17:10")]
    [InlineData("3:1")]
    [InlineData("-1:10")]
    [InlineData("3")]
    public void RecoveryLadder_OfNoKnownForm_IsRefused(string text) => Assert.Throws<FormatException>(() => RecoveryLadder.Parse(text));

    private static void Check(Result faulty, Result sound, RecoveryRung? expected)
    {
        Assert.Empty(sound.Failures);
        for (int tile = 0; tile < sound.Tiles.Length; tile++)
        {
            Assert.All(faulty.Tiles[tile], static value => Assert.True(float.IsFinite(value)));
            if (tile != Faulty)
            {
                Assert.Equal(sound.Tiles[tile], faulty.Tiles[tile]);
            }
        }

        if (expected is null)
        {
            Assert.Empty(faulty.Failures);
            return;
        }

        TileFailure failure = Assert.Single(faulty.Failures);
        Assert.Equal(("Linear.A", Faulty, expected), (failure.Factor, failure.Tile, failure.Rung));
        float[] own = faulty.Tiles[Faulty];
        switch (expected)
        {
            case RecoveryRung.Identity:
                Assert.Equal(Enumerable.Range(0, 16).Select(static i => i % 5 == 0 ? 1f : 0), own);
                break;
            case RecoveryRung.Diagonal:
                Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(i % 5 == 0, own[i] > 0));
                break;
            case RecoveryRung.MoreDamping:
                Assert.True(failure.Damping > 5e-9, $"damped by {failure.Damping}");
                break;
            default:
                break;
        }
    }

    /// <summary>Refreshes at steps 0 and perhaps 2, the last of them with the fault; the step after each sees no fault and is no opportunity.</summary>
    private static Result Run(string place, KroneckerOptions options, string? fault, int refreshes)
    {
        if (place != "host")
        {
            TestDevices.Require(place);
        }

        using TensorScope scope = TensorScope.Begin();
        Device device = Device.Parse(place);
        Linear layer = new(Inputs, 5, random: new RandomStream(1));
        layer.To(device);
        using KroneckerPreconditioner curvature = new(layer, options with { Excluded = [] });
        for (int step = 0; step < 2 * refreshes; step++)
        {
            Tensor x = CurvatureBench.Normal((ulong)(10 + (step / 2)), 40, Inputs).Cast(DType.Float32);
            Tensor part = x.Slice(1, 4 * Faulty, 4);
            if (step == 2 * (refreshes - 1))
            {
                switch (fault)
                {
                    case "nan":
                        part.Slice(0, 3, 1).Slice(1, 2, 1).Fill(double.NaN);
                        break;
                    case "infinity":
                        part.Slice(0, 3, 1).Slice(1, 2, 1).Fill(double.PositiveInfinity);
                        break;
                    case "rank one":
                        part.CopyFrom(part.Slice(1, 0, 1).Clone().BroadcastTo(part.Shape));
                        break;
                    case "zero":
                        part.Fill(0);
                        break;
                    case "1e-30":
                        part.Fill(1e-30);
                        break;
                    default:
                        break;
                }
            }

            layer.Weight.ZeroGrad();
            layer.Bias!.ZeroGrad();
            curvature.Discard();
            CurvatureBench.Pass(layer, x.To(device), CurvatureBench.Normal(7, 40, 5).Cast(DType.Float32).To(device));
            curvature.Transform(0.1);
        }

        RefreshReport report = curvature.LastRefresh!;
        TileFailure[] failures = [.. report.Failures];
        if (options.Recovery.Waits || (options.Recovery.Climbs && device.IsHost))
        {
            Assert.Equal(failures.Length, Enum.GetValues<RecoveryRung>().Sum(curvature.Recoveries));
            Assert.All(failures, failure => Assert.Equal(1, curvature.Recoveries(failure.Rung)));
        }

        KroneckerFactor a = curvature[layer].Factors[0];
        return new Result(
            [.. Enumerable.Range(0, a.TileCount).Select(tile => a.Tile(a.Inverse, tile).To(Device.Host).ToArray<float>())], failures);
    }

    private sealed record Result(float[][] Tiles, TileFailure[] Failures);
}
