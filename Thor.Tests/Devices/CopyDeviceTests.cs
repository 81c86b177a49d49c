using Thor.Engine;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Fills, copies and conversions on every device, launched for processors and for GPUs, against the host.</summary>
public sealed class CopyDeviceTests
{
    private static readonly int[][] s_shapes =
        [[1], [0], [5, 0], [1031], [4, 4], [4, 5], [33, 65], [64, 64], [1, 100], [130, 3], [3, 37, 41], [2, 3, 5, 7], [2, 3, 2, 5, 2, 3], [3, 2, 2, 3, 2, 3, 2, 2]];

    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Copy_BetweenEveryTwoLayouts_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in s_shapes)
        {
            Shape shape = new(extents);
            foreach (string from in Layouts.All)
            {
                foreach (string to in Layouts.Writable)
                {
                    Tensor Compute(Device device) => Layouts.Make(to, shape, 1, DType.Float32, device).CopyFrom(Layouts.Make(from, shape, 2, DType.Float32, device));
                    DeviceFlavour.Same(Compute(Device.Host), Compute(flavour.Device).To(Device.Host), $"{from} to {to} {shape}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Copy_LeavesWhatIsOutsideAlone(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor whole = Tensor.Full([9, 70], 5, device: flavour.Device);
        whole.Slice(0, 2, 5).Slice(1, 3, 33, 2).CopyFrom(Tensor.Zeros([5, 33], device: flavour.Device));
        Tensor expected = Tensor.Full([9, 70], 5);
        expected.Slice(0, 2, 5).Slice(1, 3, 33, 2).CopyFrom(Tensor.Zeros([5, 33]));
        DeviceFlavour.Same(expected, whole, "part of a matrix");
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Conversion_OfSpecialValues_IsThatOfTheRuntime(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        float[] numbers =
            [0f, -0f, 1.5f, -1.5f, 2.5f, 1e20f, -1e20f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2147483647f, 2147483520f, -2147483648f, 0.99999994f];
        Tensor there = Tensor.From(numbers).To(flavour.Device);
        Assert.Equal(Tensor.From(numbers).Cast(DType.Int32).ToArray<int>(), there.Cast(DType.Int32).To(Device.Host).ToArray<int>());
        int[] integers = [0, 1, -1, 16777217, -16777217, int.MaxValue, int.MinValue, 33554433];
        Assert.Equal(Tensor.From(integers).Cast(DType.Float32).ToArray<float>(), Tensor.From(integers).To(flavour.Device).Cast(DType.Float32).To(Device.Host).ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Conversion_OfEveryLayout_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (string layout in Layouts.All)
        {
            Shape shape = [5, 66, 7];
            Tensor Integers(Device device) => Layouts.Make(layout, shape, 3, DType.Float32, device).Cast(DType.Int32);
            Tensor Floats(Device device) => Layouts.Make(layout, shape, 4, DType.Int32, device).Cast(DType.Float32);
            DeviceFlavour.Same(Integers(Device.Host), Integers(flavour.Device), $"to ints, {layout}");
            DeviceFlavour.Same(Floats(Device.Host), Floats(flavour.Device), $"to floats, {layout}");
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Fill_EveryLayout_FillsAllAndNothingElse(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in s_shapes)
        {
            foreach (string layout in Layouts.Writable)
            {
                Shape shape = new(extents);
                Tensor y = Layouts.Make(layout, shape, 5, DType.Float32, flavour.Device).Fill(2.5);
                Assert.All(y.To(Device.Host).ToArray<float>(), static value => Assert.Equal(2.5f, value));
            }
        }

        Tensor whole = Tensor.Zeros([6, 8], DType.Int32, flavour.Device);
        whole.Transpose().Slice(0, 1, 3, 2).Fill(1e12);
        Tensor expected = Tensor.Zeros([6, 8], DType.Int32);
        expected.Transpose().Slice(0, 1, 3, 2).Fill(1e12);
        DeviceFlavour.Same(expected, whole, "columns of ints, saturated");
    }
}
