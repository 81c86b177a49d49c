using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.OpenCL;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Every kernel of the engine compiles with the OpenCL driver that is here.</summary>
public sealed class OpenCLCatalogTests
{
    public static TheoryData<string> Names => [.. Thor.Kernels.KernelCatalog.All.Where(static kernel => kernel.OpenCL is not null).Select(static kernel => kernel.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Compile_EveryVariant_Builds(string name)
    {
        OpenCLAccelerator device = (OpenCLAccelerator)TestDevices.Require("opencl");
        KernelSource kernel = Thor.Kernels.KernelCatalog.All.Single(candidate => candidate.Name == name);
        IReadOnlyList<int[]> variants = kernel.Specialized.Count == 0 ? [[]] : kernel.Variants;
        Assert.SkipWhen(variants.Count == 0, $"{name} does not say which values it is compiled for.");
        foreach (int[] values in variants)
        {
            device.Compile(kernel, values);
        }
    }
}
