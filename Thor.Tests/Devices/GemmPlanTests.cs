using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Which kernel, block and cut of the sums a product gets.</summary>
public sealed class GemmPlanTests
{
    [Fact]
    public void Choose_LargeSquareOnCuda_TakesTheLargestBlockWhole()
    {
        GemmPlan plan = GemmPlan.Choose(Device(capability: 90), Square(4096), MatMulPrecision.Float32);
        Assert.Equal(new GemmPlan(GemmMethod.Async, 256, 128, 16), plan);
    }

    [Fact]
    public void Choose_FewRowsAndLongSums_CutsTheSums()
    {
        GemmPlan plan = GemmPlan.Choose(Device(capability: 90), new GemmSizes { Rows = 64, Columns = 64, Depth = 65536, Inner = 1, Outer = 1 }, MatMulPrecision.Float32);
        Assert.True(plan.Splits > 4);
    }

    [Fact]
    public void Choose_ManySmallProducts_TakesSmallBlocks()
    {
        GemmPlan plan = GemmPlan.Choose(Device(capability: 90), Square(32) with { Inner = 1000 }, MatMulPrecision.Float32);
        Assert.Equal((32, 1), (plan.BlockRows, plan.Splits));
    }

    [Theory]
    [InlineData(0, MatMulPrecision.TensorFloat32, GemmMethod.Tiled)]
    [InlineData(75, MatMulPrecision.BFloat16, GemmMethod.Tiled)]
    [InlineData(80, MatMulPrecision.Float32, GemmMethod.Async)]
    [InlineData(80, MatMulPrecision.TensorFloat32, GemmMethod.TensorFloat32)]
    [InlineData(90, MatMulPrecision.BFloat16, GemmMethod.BFloat16)]
    public void Choose_Precision_NeedsTensorCoresOfTheDevice(int capability, MatMulPrecision precision, GemmMethod expected)
    {
        Assert.Equal(expected, GemmPlan.Choose(Device(capability), Square(2048), precision).Method);
        Assert.NotEqual(GemmMethod.TensorFloat32, GemmPlan.Choose(Device(capability), Square(16), precision).Method);
    }

    [Fact]
    public void Choose_LittleSharedMemory_TakesBlocksThatFit()
    {
        AcceleratorProperties device = Device(capability: 86) with { MaxSharedBytes = 101376 };
        GemmPlan plan = GemmPlan.Choose(device, Square(4096), MatMulPrecision.TensorFloat32);
        Assert.Equal((GemmMethod.TensorFloat32, 128), (plan.Method, plan.BlockColumns));
        Assert.False(GemmPlan.Of(GemmMethod.TensorFloat32)[0].Fits(device));
    }

    [Fact]
    public void Choose_Processor_PacksWhereRowsReturn()
    {
        AcceleratorProperties device = Device(capability: 0) with { IsProcessor = true };
        Assert.Equal(GemmMethod.Panels, GemmPlan.Choose(device, Square(512), MatMulPrecision.TensorFloat32).Method);
        Assert.Equal(new GemmPlan(GemmMethod.Direct, 1, 32, 0), GemmPlan.Choose(device, Square(512) with { Rows = 1 }, MatMulPrecision.Float32));
    }

    [Fact]
    public void Choose_Again_AllocatesNothing()
    {
        AcceleratorProperties device = Device(capability: 90);
        GemmPlan.Choose(device, Square(300), MatMulPrecision.Float32);
        long before = GC.GetAllocatedBytesForCurrentThread();
        GemmPlan plan = GemmPlan.Choose(device, Square(300), MatMulPrecision.Float32);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(GemmMethod.Async, plan.Method);
    }

    [Theory]
    [InlineData(1, 0, 1, 1)]
    [InlineData(4, 100, 4, 32)]
    [InlineData(4, 64, 2, 32)]
    [InlineData(8, 1000, 8, 128)]
    [InlineData(3, 97, 2, 64)]
    public void Split_Depth_GivesWholeBlocksThatCoverIt(int asked, int depth, int parts, int partDepth) =>
        Assert.Equal((parts, partDepth), new GemmPlan(GemmMethod.Tiled, 32, 32, 4, asked).Split(depth));

    private static GemmSizes Square(int n) => new() { Rows = n, Columns = n, Depth = n, Inner = 1, Outer = 1 };

    private static AcceleratorProperties Device(int capability) => new()
    {
        DeviceName = "imagined",
        Driver = "none",
        IsProcessor = false,
        MemoryBytes = 1L << 36,
        MaxAllocationBytes = 1L << 36,
        MaxSharedBytes = 232448,
        MaxGroupThreads = 1024,
        MaxGroup = (1024, 1024, 64),
        MaxGrid = (int.MaxValue, 65535, 65535),
        Multiprocessors = 132,
        WarpSize = 32,
        ComputeCapability = capability,
    };
}
