using System.Globalization;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>What the run-time compiler is asked to make for a device.</summary>
/// <param name="Architecture">"sm_90a" for machine code, "compute_89" for PTX.</param>
/// <param name="IsMachineCode">True for machine code; false for PTX that the driver translates.</param>
internal readonly record struct NvrtcTarget(string Architecture, bool IsMachineCode)
{
    // sm_90a, which names Hopper's own instructions, came with CUDA 12.
    private const int Hopper = 90;
    private const int FirstWithHopperInstructions = 12;

    /// <summary>
    /// Machine code where the compiler knows the device; for a device that is newer than the compiler, PTX of the newest that it knows. Null for
    /// a device that is older than all it knows.
    /// </summary>
    /// <param name="capability">Compute capability of the device times 10.</param>
    /// <param name="majorVersion">Of the compiler.</param>
    /// <param name="known">Compute capabilities times 10 that the compiler knows.</param>
    public static NvrtcTarget? Choose(int capability, int majorVersion, ReadOnlySpan<int> known)
    {
        int best = 0;
        foreach (int candidate in known)
        {
            if (candidate <= capability && candidate > best)
            {
                best = candidate;
            }
        }

        if (best == 0)
        {
            return null;
        }

        if (best < capability)
        {
            return new NvrtcTarget(string.Create(CultureInfo.InvariantCulture, $"compute_{best}"), false);
        }

        string suffix = best == Hopper && majorVersion >= FirstWithHopperInstructions ? "a" : string.Empty;
        return new NvrtcTarget(string.Create(CultureInfo.InvariantCulture, $"sm_{best}{suffix}"), true);
    }
}
