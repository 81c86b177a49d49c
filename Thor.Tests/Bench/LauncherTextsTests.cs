using Thor.Bench.Reports;
using Xunit;

namespace Thor.Tests.Bench;

public sealed class LauncherTextsTests
{
    [Fact]
    public void Devices_WithAFolderForKernels_WritesThreeTextsPerKernel()
    {
        using TemporaryFolder folder = new();

        (int exitCode, string output, _) = CommandLine.Run("devices", "--kernels", folder.Path);

        Assert.Equal(0, exitCode);
        Assert.Contains($"{Thor.Kernels.KernelCatalog.All.Count} kernels", output, StringComparison.Ordinal);
        Assert.Contains("__kernel void EmptyKernels_Empty(", File.ReadAllText(folder.File("EmptyKernels_Empty.cl")), StringComparison.Ordinal);
        Assert.Contains("__global__ void EmptyKernels_Empty(", File.ReadAllText(folder.File("EmptyKernels_Empty.cu")), StringComparison.Ordinal);
        Assert.Contains("struct EmptyKernel", File.ReadAllText(folder.File("Thor.Kernels.Kernels.EmptyKernels.Empty.g.cs")), StringComparison.Ordinal);
        Assert.Equal(Thor.Kernels.KernelCatalog.All.Count, Directory.GetFiles(folder.Path, "*.cu").Length);
        Assert.Equal(Thor.Kernels.KernelCatalog.All.Count(static kernel => kernel.OpenCL is not null), Directory.GetFiles(folder.Path, "*.cl").Length);
    }

    [Fact]
    public void Write_NoSuchFile_WritesNothing()
    {
        using TemporaryFolder folder = new();

        Assert.Equal(0, LauncherTexts.Write(folder.File("absent.dll"), folder.Path));
    }
}
