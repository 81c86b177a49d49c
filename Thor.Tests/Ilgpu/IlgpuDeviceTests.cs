extern alias ilgpu;

using ilgpu::Thor.Kernels.Accelerators.Ilgpu;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Ilgpu;

/// <summary>What ILGPU's devices say of themselves and refuse. What their kernels compute is in the suites of all devices.</summary>
public sealed class IlgpuDeviceTests
{
    [Fact]
    public void Discover_AfterRegisteringTwice_ListsEveryKindOnce()
    {
        IlgpuDevices.Register();

        IReadOnlyList<AcceleratorDescription> found = Accelerator.Discover();

        Assert.Single(found, static device => device.Name == "ilgpu-cpu" && device.Properties is { MaxSharedBytes: 48 << 10, ComputeCapability: 0 });
        Assert.Single(found, static device => device.Name is "ilgpu-cuda" or "ilgpu-cuda:0");
        Assert.Single(found, static device => device.Name is "ilgpu-opencl" or "ilgpu-opencl:0");
    }

    [Fact]
    public void Discover_DriverWithoutGenericAddressSpace_SaysThatIlgpuNeedsIt()
    {
        AcceleratorDescription? portable = Accelerator.Discover().FirstOrDefault(
            static device => device.Name.StartsWith("ilgpu-opencl:", StringComparison.Ordinal) && device.Reason?.Contains("Portable Computing Language", StringComparison.Ordinal) == true);
        Assert.SkipWhen(portable is null, "There is no PoCL here, or one that ILGPU takes.");

        Assert.Contains("generic address space", portable.Reason, StringComparison.Ordinal);
        DeviceException refused = Assert.Throws<DeviceException>(() => Accelerator.Open(portable.Name));
        Assert.Contains("generic address space", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Launch_KernelWithPtx_IsRefusedAndNamed()
    {
        Accelerator device = TestDevices.Require("ilgpu-cpu");
        KernelSource tensorCores = Assert.Single(Thor.Kernels.KernelCatalog.All, static source => source.Name == "GemmKernels_TensorCores");

        DeviceException refused = Assert.Throws<DeviceException>(() => device.Compile(tensorCores, tensorCores.Variants[0]));

        Assert.Contains("GemmKernels_TensorCores", refused.Message, StringComparison.Ordinal);
        Assert.Contains("PTX", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gemm_PlanForIlgpu_IsOneThatItRuns()
    {
        AcceleratorProperties properties = TestDevices.Require("ilgpu-cpu").Properties with { IsProcessor = false };
        GemmSizes sizes = new() { Rows = 2048, Columns = 2048, Depth = 2048, Inner = 1, Outer = 1, Alpha = 1, ARow = 2048, AStep = 1, BStep = 2048, BColumn = 1, CRow = 2048 };

        foreach (MatMulPrecision precision in Enum.GetValues<MatMulPrecision>())
        {
            Assert.Equal(GemmMethod.Tiled, GemmPlan.Choose(properties, sizes, precision).Method);
        }
    }

    [Fact]
    public void Launch_GroupsThatMeetAtBarriers_ShareMemoryAndAgreeWithTheHost()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = new RandomStream(1).Normal([3, 7]);
        using DeviceArrays device = new("ilgpu-cpu");
        ArrayView<float> y = device.Garbage(21);

        SoftmaxLaunch.Softmax(device.Stream, device.Put(x.ToArray<float>()), y, 3, 7, processor: false);

        float[] expected = x.Softmax().ToArray<float>();
        float[] actual = device.Get(y);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-6);
        }
    }

    [Fact]
    public void Dispose_WithBuffersAlive_GivesThemBackLater()
    {
        Accelerator device = Accelerator.Open("ilgpu-cpu");
        MemoryBuffer<float> buffer = device.Allocate([1f, 2f]);

        device.Dispose();
        buffer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => device.Allocate<float>(1));
    }
}
