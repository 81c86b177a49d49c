using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Products of every kernel, shape, layout and option on every device, against sums in double precision and against the host.</summary>
public sealed class MatMulDeviceTests
{
    private static readonly (int Rows, int Columns, int Depth)[] s_shapes =
    [
        (1, 1, 1), (1, 37, 5), (41, 1, 19), (3, 5, 0), (8, 32, 16), (31, 33, 17), (64, 64, 32), (67, 61, 71), (129, 131, 37), (40, 260, 8),
    ];

    /// <summary>Kinds of device with the methods that may run there.</summary>
    public static TheoryData<string, GemmMethod> Methods
    {
        get
        {
            TheoryData<string, GemmMethod> methods = [];
            foreach (string kind in TestDevices.Kinds.Select(static row => row.Data))
            {
                if (kind != "ilgpu-cpu")
                {
                    methods.Add(kind, GemmMethod.Tiled);
                }

                methods.Add(kind, GemmMethod.Panels);
                methods.Add(kind, GemmMethod.Direct);
            }

            methods.Add("cpu", GemmMethod.Async);
            methods.Add("cuda", GemmMethod.Async);
            methods.Add("cuda", GemmMethod.TensorFloat32);
            methods.Add("cuda", GemmMethod.BFloat16);
            return methods;
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Multiply_EveryPlanAndLayout_IntegersAreExact(string kind, GemmMethod method)
    {
        Accelerator accelerator = Require(kind, method);
        foreach (GemmPlan plan in Plans(accelerator, method))
        {
            int next = 0;
            foreach ((int rows, int columns, int depth) in s_shapes)
            {
                // All pairs of layouts come around within a few shapes; all of them at one.
                bool all = rows == 31;
                foreach (OperandLayout a in Enum.GetValues<OperandLayout>())
                {
                    foreach (OperandLayout b in Enum.GetValues<OperandLayout>())
                    {
                        if (all || next++ % 6 == 0)
                        {
                            new GemmCase(rows, columns, depth) { A = a, B = b }.Check(accelerator, plan);
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("cpu", GemmMethod.Async)]
    [InlineData("cuda", GemmMethod.Async)]
    [InlineData("cuda", GemmMethod.TensorFloat32)]
    [InlineData("cuda", GemmMethod.BFloat16)]
    public void Multiply_BlocksInsideAndAtTheEdge_IntegersAreExact(string kind, GemmMethod method)
    {
        Accelerator accelerator = Require(kind, method);
        foreach (GemmPlan plan in Plans(accelerator, method).Where(static plan => plan.BlockRows * plan.BlockColumns > 64 * 64))
        {
            foreach (OperandLayout layout in (OperandLayout[])[OperandLayout.Rows, OperandLayout.Columns])
            {
                new GemmCase(260, 132, 86) { A = layout }.Check(accelerator, plan);
                new GemmCase(256, 256, 100) { B = layout, A = OperandLayout.Columns }.Check(accelerator, plan);
            }
        }
    }

    [Theory]
    [InlineData(GemmMethod.TensorFloat32)]
    [InlineData(GemmMethod.BFloat16)]
    public void Multiply_TensorCoresOnTheProcessor_FollowTheFormula(GemmMethod method)
    {
        // Every instruction of a warp is a meeting of the whole group here: one block, once for each way to copy operands.
        Accelerator accelerator = TestDevices.Require("cpu");
        GemmPlan plan = GemmPlan.Of(method).Single(static plan => plan.BlockColumns == 128);
        foreach (OperandLayout a in (OperandLayout[])[OperandLayout.Rows, OperandLayout.Columns])
        {
            new GemmCase(100, 68, 36) { A = a, B = OperandLayout.Rows, Alpha = 2, Beta = -1, HasBias = true }.Check(accelerator, plan);
            new GemmCase(68, 100, 36) { A = a, B = OperandLayout.Columns }.Check(accelerator, plan);
        }

        new GemmCase(67, 71, 37) { Offset = 1 }.Check(accelerator, plan);
        new GemmCase(67, 128, 60) { Integers = false }.Check(accelerator, plan, Bound(method));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Multiply_AlphaBetaBiasBatches_FollowTheFormula(string kind, GemmMethod method)
    {
        Accelerator accelerator = Require(kind, method);
        foreach (GemmPlan plan in Plans(accelerator, method))
        {
            new GemmCase(33, 35, 40) { Alpha = 2, Beta = -1, HasBias = true }.Check(accelerator, plan);
            new GemmCase(5, 36, 20) { Alpha = 0, Beta = 3, Inner = 3, Outer = 2, B = OperandLayout.Columns }.Check(accelerator, plan);
            new GemmCase(9, 12, 0) { Beta = 2, HasBias = true, Inner = 2 }.Check(accelerator, plan);
            new GemmCase(20, 44, 36) { HasBias = true, Inner = 2, Outer = 3, A = OperandLayout.Columns, Offset = 1 }.Check(accelerator, plan);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Multiply_RealNumbers_WithinTheErrorBound(string kind, GemmMethod method)
    {
        Accelerator accelerator = Require(kind, method);

        foreach (GemmPlan plan in Plans(accelerator, method))
        {
            new GemmCase(67, 130, 150) { Integers = false, Alpha = 0.5f, Beta = 1.5f, HasBias = true }.Check(accelerator, plan, Bound(method));
            new GemmCase(128, 64, 96) { Integers = false, A = OperandLayout.Columns, B = OperandLayout.Columns }.Check(accelerator, plan, Bound(method));
        }
    }

    [Theory]
    [InlineData("cpu", GemmMethod.Tiled)]
    [InlineData("cpu", GemmMethod.Async)]
    [InlineData("opencl", GemmMethod.Tiled)]
    [InlineData("cuda", GemmMethod.Tiled)]
    [InlineData("cuda", GemmMethod.Async)]
    [InlineData("cuda", GemmMethod.TensorFloat32)]
    [InlineData("cuda", GemmMethod.BFloat16)]
    public void Multiply_SumsInParts_AreAddedUp(string kind, GemmMethod method)
    {
        Accelerator accelerator = Require(kind, method);
        foreach (GemmPlan plan in Plans(accelerator, method))
        {
            foreach (int splits in (int[])[2, 3, 7])
            {
                new GemmCase(33, 36, 200) { Alpha = 2, Beta = 1, HasBias = true, Inner = 2 }.Check(accelerator, plan with { Splits = splits });
                new GemmCase(18, 45, 97) { A = OperandLayout.Columns, Outer = 2 }.Check(accelerator, plan with { Splits = splits });
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void Multiply_ChosenPlan_EveryLayout(string kind)
    {
        Accelerator accelerator = TestDevices.Require(kind);
        foreach ((int rows, int columns, int depth) in s_shapes)
        {
            foreach (OperandLayout layout in Enum.GetValues<OperandLayout>())
            {
                new GemmCase(rows, columns, depth) { A = layout, HasBias = true, Beta = 1 }.Check(accelerator, null);
                new GemmCase(rows, columns, depth) { B = layout, Integers = false }.Check(accelerator, null);
            }
        }

        // Several passes of packing.
        new GemmCase(9, 40, 2100) { Integers = false, Beta = 0.5f, HasBias = true }.Check(accelerator, null);
        new GemmCase(16, 33, 1030) { A = OperandLayout.Columns, B = OperandLayout.Columns, Inner = 2 }.Check(accelerator, null);
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void MatMul_ViewsAndBroadcastBatches_AsOnTheHost(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();

        // Heads of attention, whose batch axes do not fold, and more axes than kernels walk.
        Same(device, Counting([3, 5, 4, 6]), Counting([3, 7, 4, 6]), static (a, b) => a.Permute(0, 2, 1, 3).MatMul(b.Permute(0, 2, 3, 1)));
        Same(device, Counting([2, 1, 3, 4]), Counting([5, 4, 2]), static (a, b) => a.MatMul(b));
        Same(device, Counting([2, 3, 2, 3, 2, 5]), Counting([2, 5, 4]), static (a, b) => a.Permute(2, 1, 0, 3, 4, 5).MatMul(b.Reshape(1, 1, 2, 1, 5, 4)));
        Same(device, Counting([7]), Counting([7, 3]), static (a, b) => a.MatMul(b));
        Same(device, Counting([6, 7]), Counting([7]), static (a, b) => a.MatMul(b));
        Same(device, Counting([6, 0]), Counting([0, 4]), static (a, b) => a.MatMul(b));
        Same(device, Counting([0, 3]), Counting([3, 4]), static (a, b) => a.MatMul(b));
        Same(device, Counting([16, 9]), Counting([4]), static (a, b) => a.Slice(0, 3, 5).MatMul(a.Slice(0, 1, 4).Transpose(), b));
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void MatMul_AccumulateWithBias_AsOnTheHost(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Tensor a = new RandomStream(1).Normal([70, 45]);
        Tensor b = new RandomStream(2).Normal([45, 50]);
        Tensor bias = new RandomStream(3).Normal([50]);
        Tensor c = new RandomStream(4).Normal([70, 50]);
        Tensor deviceC = c.To(device);
        device.Backend.MatMul(a.To(device), b.To(device), deviceC, 0.5, 2, bias.To(device));
        Device.Host.Backend.MatMul(a, b, c, 0.5, 2, bias);
        float[] expected = c.ToArray<float>();
        float[] actual = deviceC.ToArray<float>();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void MatMul_Twice_SameBits(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Tensor a = new RandomStream(1).Normal([50, 700]).To(device);
        Tensor b = new RandomStream(2).Normal([700, 60]).To(device);
        Assert.Equal(a.MatMul(b).ToArray<float>(), a.MatMul(b).ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void MatMul_NotANumber_StaysInItsRow(string kind)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        using TensorScope scope = TensorScope.Begin();
        Tensor a = Tensor.Ones([40, 20]);
        a.Select(0, 3).Select(0, 19).Fill(double.NaN);
        float[] c = a.To(device).MatMul(Tensor.Ones([20, 35]).To(device)).ToArray<float>();
        for (int i = 0; i < c.Length; i++)
        {
            Assert.Equal(i / 35 == 3 ? float.NaN : 20, c[i]);
        }
    }

    [Fact]
    public void MatMul_PrecisionOfTheBackend_IsUsed()
    {
        TestDevices.Require("cuda");
        Backend backend = Device.Parse("cuda").Backend;
        using TensorScope scope = TensorScope.Begin();
        Tensor a = new RandomStream(1).Normal([256, 256]).To(backend.Device);
        float[] exact = a.MatMul(a).ToArray<float>();
        try
        {
            backend.MatMulPrecision = MatMulPrecision.TensorFloat32;
            float[] rounded = a.MatMul(a).ToArray<float>();
            double worst = exact.Zip(rounded, static (x, y) => Math.Abs(x - y)).Max();
            Assert.InRange(worst, 1e-4, 0.2);
        }
        finally
        {
            backend.MatMulPrecision = MatMulPrecision.Float32;
        }
    }

    private static Accelerator Require(string kind, GemmMethod method)
    {
        Accelerator accelerator = TestDevices.Require(kind);
        Assert.SkipUnless(
            kind != "cuda" || GemmPlan.Supports(accelerator.Properties, method),
            $"{accelerator.Properties.DeviceName} has compute capability {accelerator.Properties.ComputeCapability}; {method} needs 80.");
        return accelerator;
    }

    /// <summary>Error of a product relative to the sum of magnitudes, beyond that of float.</summary>
    private static double Bound(GemmMethod method)
    {
        // Both operands are rounded: twice the error of the format, and their product once more.
        double unit = method switch
        {
            GemmMethod.TensorFloat32 => (2 * 0.64 * Math.Pow(2, -10)) + Math.Pow(2, -20),
            GemmMethod.BFloat16 => (2 * Math.Pow(2, -8)) + Math.Pow(2, -16),
            _ => 0,
        };

        // Tensor cores may cut off instead of rounding where they add.
        double sums = method is GemmMethod.TensorFloat32 or GemmMethod.BFloat16 ? 150 * Math.Pow(2, -23) : 0;
        return unit + sums;
    }

    // The processor runs what CUDA devices run; the cpu accelerator has room for every plan.
    private static IEnumerable<GemmPlan> Plans(Accelerator accelerator, GemmMethod method) =>
        GemmPlan.Of(method).Where(plan => accelerator.Properties.IsProcessor || plan.Fits(accelerator.Properties));

    private static void Same(Device device, Tensor a, Tensor b, Func<Tensor, Tensor, Tensor> product)
    {
        Tensor expected = product(a, b);
        Tensor actual = product(a.To(device), b.To(device));
        Assert.Equal(expected.Shape.ToString(), actual.Shape.ToString());
        Assert.Equal(expected.ToArray<float>(), actual.ToArray<float>());
    }

    private static Tensor Counting(int[] shape)
    {
        int length = shape.Aggregate(1, static (product, extent) => product * extent);
        float[] data = new float[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = (i % 11) - 5;
        }

        return Tensor.From(data, new Shape(shape));
    }
}
