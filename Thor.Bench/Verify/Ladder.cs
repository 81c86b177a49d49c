using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>The mathematics of second order as identities, from statistics to steps, on the product's own kernels.</summary>
internal static class Ladder
{
    /// <summary>All rungs in single precision, and on the host, which alone has double precision, in that too.</summary>
    public static IEnumerable<LadderCheck> All(Device device) => device.IsHost ? [.. Rungs(), .. Rungs().Select(InDouble)] : Rungs();

    /// <summary>The rungs, in single precision.</summary>
    public static IEnumerable<LadderCheck> Rungs() => [.. StatisticsChecks.All(), .. FisherChecks.All(), .. EstimatorChecks.All(), .. DampingChecks.All(), .. StepChecks.All(), .. QuadraticChecks.All()];

    private static LadderCheck InDouble(LadderCheck check) => check with { Name = $"{check.Name} (float64)", Type = DType.Float64 };
}
