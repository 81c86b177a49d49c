using System.Collections.Concurrent;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>
/// One open accelerator per kind, shared by all tests of the process. Suites of Thor's own kernels are theories over
/// <see cref="Kinds"/>, suites that bring kernels in the forms of our own compilers over <see cref="OwnKinds"/>: <c>[Theory, MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))] void X(string kind)</c>.
/// </summary>
internal static class TestDevices
{
    private static readonly ConcurrentDictionary<string, Lazy<Found>> s_devices = new();

    /// <summary>The kinds of accelerator: whether one is here shows when a test requires it.</summary>
    public static TheoryData<string> Kinds
#if ILGPU
        => ["cpu", "opencl", "cuda", "ilgpu-cpu", "ilgpu-opencl", "ilgpu-cuda"];
#else
        => OwnKinds;
#endif

    /// <summary>The kinds whose kernels our own translator made.</summary>
    public static TheoryData<string> OwnKinds => ["cpu", "opencl", "cuda"];

    /// <summary>
    /// Every kind with both flavours of kernels, for GPUs and for processors. A GPU runs its own alone; so does ILGPU's processor, which is a
    /// thread of the system for each thread of a group and takes minutes for groups that meet at barriers.
    /// </summary>
    public static TheoryData<string, bool> KindsAndFlavours
    {
        get
        {
            TheoryData<string, bool> cases = [];
            foreach (string kind in Kinds.Select(static row => row.Data))
            {
                if (kind != "ilgpu-cpu")
                {
                    cases.Add(kind, false);
                }

                if (!kind.EndsWith("cuda", StringComparison.Ordinal))
                {
                    cases.Add(kind, true);
                }
            }

            return cases;
        }
    }

    /// <summary>True for devices that are there to look for faults: shapes must be small on them.</summary>
    public static bool IsDebugger(string kind) => kind.EndsWith("cpu", StringComparison.Ordinal);

    /// <summary>The open device of a kind. Where there is none the running test skips, with the reason, or fails if this machine must have one.</summary>
    public static Accelerator Require(string kind)
    {
        Found found = s_devices.GetOrAdd(kind, static name => new Lazy<Found>(() => Open(name))).Value;
        if (found.Accelerator is null && IsExpected(kind))
        {
            Assert.Fail($"This machine must have a device '{kind}': {found.Reason}");
        }

        Assert.SkipWhen(found.Accelerator is null, found.Reason);
        return found.Accelerator;
    }

    private static Found Open(string kind)
    {
        try
        {
            return new Found(Accelerator.Open(kind), string.Empty);
        }
        catch (DeviceException absent)
        {
            return new Found(null, absent.Message);
        }
    }

    // The processor is always there; continuous integration installs an OpenCL driver, and must not pass without having run on it.
    private static bool IsExpected(string kind) => kind switch
    {
        "cpu" => true,
        "opencl" => Environment.GetEnvironmentVariable("CI") == "true" || Environment.GetEnvironmentVariable("THOR_REQUIRE_OPENCL") == "1",
        _ => false,
    };

    private sealed record Found(Accelerator? Accelerator, string Reason);
}
