using Thor.Bench.Verify;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Bench;

/// <summary>Every rung of `thor verify` holds on the host in both types and on OpenCL, and notices when what it looks at is wrong.</summary>
public sealed class LadderTests
{
    // Far above all bounds but the one that is 0 anyway, and far below what would make a rung fail for another reason.
    private const double Falsification = 1e-2;

    public static TheoryData<string> Rungs => [.. Ladder.Rungs().Select(static rung => rung.Name)];

    [Fact]
    public void Rungs_AreManyAndHaveNamesOfTheirOwn()
    {
        string[] names = [.. Ladder.All(Device.Host).Select(static rung => rung.Name)];
        Assert.True(Ladder.Rungs().Count() > 40);
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Rung_OnTheHost_Holds(string name)
    {
        AssertHolds(Rung(name), Device.Host);
        AssertHolds(Rung(name) with { Type = DType.Float64 }, Device.Host);
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Rung_OnOpenCL_Holds(string name)
    {
        TestDevices.Require("opencl");
        AssertHolds(Rung(name), Device.Parse("opencl"));
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Rung_OfWrongNumbers_Fails(string name)
    {
        using TensorScope scope = TensorScope.Begin();

        // Each tensor that is read is wrong by another factor, so that comparisons of two of them notice too.
        int reads = 0;
        using Subject subject = new(Device.Host, DType.Float32, values =>
        {
            double factor = 1 + (++reads * Falsification);
            return Array.ConvertAll(values, value => value * factor);
        });
        CheckResult result = Rung(name).Run(subject);
        Assert.True(reads > 0, "nothing was read from the subject");
        Assert.False(result.Passed, $"error {result.Error} passes for a bound of {result.Bound}");
    }

    [Fact]
    public void ReferenceMatrix_InverseAndKronecker_AreThoseByHand()
    {
        ReferenceMatrix a = new(2, 2, [0, 2, 1, 3]);
        Assert.Equal([-1.5, 1, 0.5, 0], a.Inverse().Elements);
        Assert.Equal([0, 0, 2, 4, 0, 0, 6, 8, 1, 2, 3, 6, 3, 4, 9, 12], a.Kronecker(new ReferenceMatrix(2, 2, [1, 2, 3, 4])).Elements);
        Assert.Throws<ArithmeticException>(static () => new ReferenceMatrix(2, 2, [1, 2, 2, 4]).Inverse());
    }

    private static LadderCheck Rung(string name) => Ladder.Rungs().Single(rung => rung.Name == name);

    private static void AssertHolds(LadderCheck rung, Device device)
    {
        using TensorScope scope = TensorScope.Begin();
        CheckResult result = rung.Run(device);
        Assert.True(result.Passed, $"{rung.Name}, {rung.Type} on {device}: error {result.Error}, bound {result.Bound} {result.Note}");
    }
}
