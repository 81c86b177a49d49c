using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Element-wise functions on every device, launched for processors and for GPUs, against the host.</summary>
public sealed class ElementwiseDeviceTests
{
    private static readonly float[] s_special =
    [
        0f, -0f, 1f, -1f, 2f, -2f, 0.5f, 3f, -3f, float.Epsilon, -1e-40f, 1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.8f, -87.5f, 13f, 1e10f, -1e10f, 16777217f,
    ];

    private static readonly int[] s_integers = [0, 1, -1, 2, -7, int.MaxValue, int.MinValue, int.MinValue + 1, 65536, -65535];

    private static readonly int[][] s_shapes = [[1], [0], [3, 0, 2], [1031], [1, 13], [37, 1], [5, 7, 11], [2, 3, 67], [5, 3, 12], [3, 1028], [3, 2, 2, 3, 2, 3, 2]];

    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    // Functions that the host takes from elsewhere: both are within two units of the truth.
    private static bool IsElsewhere(UnaryOperation operation) =>
        operation is UnaryOperation.Logarithm or UnaryOperation.Sine or UnaryOperation.Cosine or UnaryOperation.Softplus;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Unary_EveryOperation_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor numbers = Tensor.Concatenate([Tensor.From(s_special), Layouts.Base([1031], 1, DType.Float32, Device.Host)], 0);
        Tensor there = numbers.To(flavour.Device);
        foreach (UnaryOperation operation in Enum.GetValues<UnaryOperation>())
        {
            DeviceFlavour.Within(IsElsewhere(operation) ? 5 : 0, numbers.Map(operation).ToArray<float>(), there.Map(operation), operation.ToString());
        }

        Tensor integers = Tensor.From(s_integers);
        foreach (UnaryOperation operation in (UnaryOperation[])
            [UnaryOperation.Negate, UnaryOperation.Absolute, UnaryOperation.Sign, UnaryOperation.Square, UnaryOperation.Relu, UnaryOperation.Step])
        {
            DeviceFlavour.Same(integers.Map(operation), integers.To(flavour.Device).Map(operation), $"{operation} of ints");
        }

        ShapeException fault = Assert.Throws<ShapeException>(() => integers.To(flavour.Device).Map(UnaryOperation.Tanh));
        Assert.Contains("Tanh", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Unary_EveryLayout_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in s_shapes)
        {
            Shape shape = new(extents);
            foreach (string layout in Layouts.All)
            {
                Tensor here = Layouts.Make(layout, shape, 2, DType.Float32, Device.Host);
                Tensor there = Layouts.Make(layout, shape, 2, DType.Float32, flavour.Device);
                DeviceFlavour.Same(here.Map(UnaryOperation.Exponential), there.Map(UnaryOperation.Exponential), $"{layout} {shape}");
            }

            foreach (string layout in Layouts.Writable)
            {
                Tensor here = Layouts.Make(layout, shape, 3, DType.Float32, Device.Host).MapInPlace(UnaryOperation.Square);
                Tensor there = Layouts.Make(layout, shape, 3, DType.Float32, flavour.Device).MapInPlace(UnaryOperation.Square);
                DeviceFlavour.Same(here, there.To(Device.Host), $"in place, {layout} {shape}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Binary_EveryOperation_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        float[] left = [.. s_special.SelectMany(static a => s_special.Select(_ => a)), .. Layouts.Base([1031], 4, DType.Float32, Device.Host).ToArray<float>()];
        float[] right = [.. s_special.SelectMany(static _ => s_special), .. Layouts.Base([1031], 5, DType.Float32, Device.Host).ToArray<float>()];
        Tensor a = Tensor.From(left);
        Tensor b = Tensor.From(right);
        foreach (BinaryOperation operation in Enum.GetValues<BinaryOperation>())
        {
            double units = operation == BinaryOperation.Power ? 3 : 0;
            DeviceFlavour.Within(units, Tensor.Map(operation, a, b).ToArray<float>(), Tensor.Map(operation, a.To(flavour.Device), b.To(flavour.Device)), operation.ToString());
        }

        Tensor c = Tensor.From([.. s_integers.SelectMany(static x => s_integers.Select(_ => x))]);
        Tensor d = Tensor.From([.. s_integers.SelectMany(static _ => s_integers)]);
        foreach (BinaryOperation operation in (BinaryOperation[])
            [BinaryOperation.Add, BinaryOperation.Subtract, BinaryOperation.Multiply, BinaryOperation.Maximum, BinaryOperation.Minimum, BinaryOperation.Greater, BinaryOperation.GreaterOrEqual, BinaryOperation.Equal])
        {
            DeviceFlavour.Same(Tensor.Map(operation, c, d), Tensor.Map(operation, c.To(flavour.Device), d.To(flavour.Device)), $"{operation} of ints");
        }

        Tensor y = c.EmptyLike(c.Shape).To(flavour.Device);
        Tensor expected = c.EmptyLike(c.Shape);
        Device.Host.Backend.Map(BinaryOperation.ReluGradient, c, d, expected);
        flavour.Device.Backend.Map(BinaryOperation.ReluGradient, c.To(flavour.Device), d.To(flavour.Device), y);
        DeviceFlavour.Same(expected, y, "ReluGradient of ints");
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Binary_EveryPairOfLayouts_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in s_shapes)
        {
            Shape shape = new(extents);
            foreach (string first in Layouts.All)
            {
                foreach (string second in Layouts.All)
                {
                    Tensor here = Layouts.Make(first, shape, 6, DType.Float32, Device.Host) - Layouts.Make(second, shape, 7, DType.Float32, Device.Host);
                    Tensor there = Layouts.Make(first, shape, 6, DType.Float32, flavour.Device) - Layouts.Make(second, shape, 7, DType.Float32, flavour.Device);
                    DeviceFlavour.Same(here, there, $"{first} - {second} {shape}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Binary_InPlaceAndWithNumbers_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (DType type in (DType[])[DType.Float32, DType.Int32])
        {
            foreach (string layout in Layouts.Writable)
            {
                Shape shape = [4, 9, 5];
                Tensor Compute(Device device)
                {
                    Tensor y = Layouts.Make(layout, shape, 8, type, device);
                    Tensor other = Layouts.Make("one row", shape, 9, type, device);
                    y.MapInPlace(BinaryOperation.Subtract, other);
                    y.MapInPlace(BinaryOperation.Multiply, 3);
                    y.MapInPlace(BinaryOperation.Add, y);
                    return Tensor.Map(BinaryOperation.Subtract, 2, Tensor.Map(BinaryOperation.Maximum, y, -1));
                }

                DeviceFlavour.Same(Compute(Device.Host), Compute(flavour.Device), $"{type} {layout}");
            }
        }

        Tensor x = Layouts.Base([101], 10, DType.Float32, Device.Host);
        foreach (double exponent in (double[])[2, -1, 3, 0.5, 0])
        {
            DeviceFlavour.Within(
                3, Tensor.Map(BinaryOperation.Power, x, exponent).ToArray<float>(), Tensor.Map(BinaryOperation.Power, x.To(flavour.Device), exponent), $"power {exponent}");
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Select_EveryLayout_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (DType type in (DType[])[DType.Float32, DType.Int32])
        {
            foreach (string layout in Layouts.All)
            {
                foreach (string other in (string[])["dense", "one row", "reversed axes"])
                {
                    Shape shape = [6, 5, 9];
                    Tensor Compute(Device device)
                    {
                        Tensor condition = Layouts.Make(layout, shape, 11, type, device).Map(UnaryOperation.Step);
                        return Tensor.Where(
                            condition.Contiguous() * Layouts.Make("dense", shape, 12, type, device), Layouts.Make(other, shape, 13, type, device), Layouts.Make(layout, shape, 14, type, device));
                    }

                    DeviceFlavour.Same(Compute(Device.Host), Compute(flavour.Device), $"{type} {layout} {other}");
                }

                Shape seven = [3, 2, 2, 3, 2, 3, 2];
                Tensor Seven(Device device) => Tensor.Where(
                    Layouts.Make(layout, seven, 11, type, device), Layouts.Make("reversed axes", seven, 13, type, device), Layouts.Make("one row", seven, 14, type, device));
                DeviceFlavour.Same(Seven(Device.Host), Seven(flavour.Device), $"{type} {layout} of seven axes");
            }
        }

        Tensor special = Tensor.From(float.NaN, 0f, -0f, float.PositiveInfinity, float.Epsilon);
        Tensor chosen = Tensor.Where(special.To(flavour.Device), Tensor.Ones([5], device: flavour.Device), Tensor.Zeros([5], device: flavour.Device));
        Assert.Equal([1f, 0f, 0f, 1f, 1f], chosen.To(Device.Host).ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void AddScaled_EveryLayout_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (DType type in (DType[])[DType.Float32, DType.Int32])
        {
            foreach (string layout in Layouts.All)
            {
                Shape shape = [7, 3, 65];
                Tensor Compute(Device device) => Layouts.Base(shape.Extents, 15, type, device).AddInPlace(Layouts.Make(layout, shape, 16, type, device), 3);
                DeviceFlavour.Same(Compute(Device.Host), Compute(flavour.Device), $"{type} {layout}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Float64_IsRefused_WithWhatToDo(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor precise = Tensor.Empty([3], DType.Float64, flavour.Device);
        DeviceException fault = Assert.Throws<DeviceException>(() => precise.Map(UnaryOperation.Negate));
        Assert.Contains("Float64", fault.Message, StringComparison.Ordinal);
        Assert.Throws<DeviceException>(() => precise.Fill(1));
    }

    [Fact]
    public void AheadOfTime_EveryOperation_IsDeclared()
    {
        Declares<ElementwiseKernels.UnaryKernel>([.. Enum.GetValues<UnaryOperation>().Select(static operation => (int)operation), 64, 65, 66]);
        Declares<ElementwiseKernels.BinaryKernel>([.. Enum.GetValues<BinaryOperation>().Select(static operation => (int)operation), 64, 65]);
        Declares<ReductionKernels.RowsKernel>([.. Enum.GetValues<ReduceOperation>().Select(static operation => (int)operation)]);
        Declares<ReductionKernels.ColumnsKernel>([.. Enum.GetValues<ReduceOperation>().Select(static operation => (int)operation)]);
        Declares<UpdateKernels.UpdateKernel>([.. Enum.GetValues<UpdateRule>().Select(static rule => (int)rule), UpdateKernels.Descent, UpdateKernels.RmsPropMomentum]);
    }

    private static void Declares<TKernel>(int[] operations)
        where TKernel : struct, IKernel
    {
        foreach (int operation in operations)
        {
            Assert.Contains(TKernel.Source.Variants, values => values[0] == operation);
        }
    }
}
