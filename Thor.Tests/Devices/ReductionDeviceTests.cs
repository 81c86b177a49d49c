using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Reductions on every device, launched for processors and for GPUs, against float64 and the host.</summary>
public sealed class ReductionDeviceTests
{
    // Lengths around the widths of lanes, groups, panels and segments.
    private static readonly (int[] Extents, int[] Axes)[] s_cases =
    [
        ([1], [0]), ([0], [0]), ([5, 0], [1]), ([0, 5], [0]), ([17], [0]), ([1031], [0]), ([70_001], [0]), ([3, 9000], [1]), ([67, 1], [1]), ([1, 67], [0]),
        ([37, 7], [1]), ([37, 7], [0]), ([7, 300], [0, 1]), ([2100, 5], [0]), ([2100, 65], [0]), ([5, 4100, 3], [1]), ([70_000], [0]), ([2100, 64], [0]), ([3, 500, 8], [1]), ([6, 4, 52], [0, 2]), ([4, 6, 50], [0, 2]), ([4, 6, 50], [1]),
        ([3, 5, 7, 2], [0, 2]), ([3, 5, 7, 2], [1, 3]), ([2, 3, 2, 3, 2, 3, 2, 3, 2, 3], [0, 2, 4, 6, 8]), ([2, 3, 2, 3, 2, 3, 2, 3, 2, 3], [1, 3, 5, 7, 9]),
    ];

    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Sum_OfIntegerValues_IsExact(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach ((int[] extents, int[] axes) in s_cases)
        {
            Tensor integers = Layouts.Base(extents, 1, DType.Int32, Device.Host);
            Tensor floats = integers.Cast(DType.Float32);
            foreach (ReduceOperation operation in (ReduceOperation[])[ReduceOperation.Sum, ReduceOperation.SumOfSquares])
            {
                string what = $"{operation} of {floats.Shape} over {string.Join(' ', axes)}";
                DeviceFlavour.Same(floats.Reduce(operation, axes), floats.To(flavour.Device).Reduce(operation, axes), what);
                DeviceFlavour.Same(integers.Reduce(operation, axes), integers.To(flavour.Device).Reduce(operation, axes), $"{what}, ints");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Sum_OfRandomNumbers_IsWithinTheBoundOfItsDepth(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach ((int[] extents, int[] axes) in s_cases)
        {
            Tensor x = Layouts.Base(extents, 2, DType.Float32, Device.Host);
            Tensor precise = x.Cast(DType.Float64);
            foreach (ReduceOperation operation in (ReduceOperation[])[ReduceOperation.Sum, ReduceOperation.Mean, ReduceOperation.SumOfSquares])
            {
                if (x.Length == 0 && operation == ReduceOperation.Mean)
                {
                    continue;
                }

                double[] expected = precise.Reduce(operation, axes).ToArray<double>();
                double[] magnitude = precise.Map(UnaryOperation.Absolute).Reduce(operation, axes).ToArray<double>();
                float[] actual = x.To(flavour.Device).Reduce(operation, axes).To(Device.Host).ToArray<float>();

                // No element passes through more than 512 additions.
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.True(
                        Math.Abs(actual[i] - expected[i]) <= 512 * Math.ScaleB(1, -24) * magnitude[i], $"{operation} of {x.Shape}, {i}: {actual[i]:R}, expected {expected[i]:R}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Extremes_OfEveryShape_AreThoseOfTheHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach ((int[] extents, int[] axes) in s_cases)
        {
            Tensor floats = Layouts.Base(extents, 3, DType.Float32, Device.Host);
            if (floats.Length == 0)
            {
                continue;
            }

            floats.AsSpan<float>()[(int)floats.Length / 3] = float.NaN;
            Tensor integers = Layouts.Base(extents, 4, DType.Int32, Device.Host);
            foreach (ReduceOperation operation in (ReduceOperation[])[ReduceOperation.Maximum, ReduceOperation.Minimum])
            {
                DeviceFlavour.Same(floats.Reduce(operation, axes), floats.To(flavour.Device).Reduce(operation, axes), $"{operation} of {floats.Shape}");
                DeviceFlavour.Same(integers.Reduce(operation, axes), integers.To(flavour.Device).Reduce(operation, axes), $"{operation} of ints {floats.Shape}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Sum_OfEveryLayout_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in (int[][])[[300], [6, 70], [5, 9, 37], [2, 3, 2, 2, 3, 2]])
        {
            Shape shape = new(extents);
            for (int set = 1; set < 1 << Math.Min(3, shape.Rank); set++)
            {
                int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(axis => (set >> (axis % 3) & 1) == 1)];
                foreach (string layout in Layouts.All)
                {
                    Tensor Compute(Device device) => Layouts.Make(layout, shape, 5, DType.Int32, device).Cast(DType.Float32).Sum(axes);
                    Tensor Strided(Device device) => Layouts.Make(layout, shape, 5, DType.Int32, device).Sum(axes);
                    DeviceFlavour.Same(Compute(Device.Host), Compute(flavour.Device), $"{layout} {shape} over {string.Join(' ', axes)}");
                    DeviceFlavour.Same(Strided(Device.Host), Strided(flavour.Device), $"{layout} {shape} over {string.Join(' ', axes)}, ints");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Sum_Twice_GivesTheSameBits(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor x = Layouts.Base([300_007], 6, DType.Float32, flavour.Device);
        Assert.Equal(x.Sum().Item(), x.Sum().Item());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ArgMax_WithTiesAndNaN_TakesTheFirst(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int[] extents in (int[][])[[1, 1], [0, 4], [7, 10], [3, 1000], [5, 2], [1, 2053]])
        {
            // Few values, so that most rows have ties.
            Tensor integers = Layouts.Base(extents, 7, DType.Int32, Device.Host);
            DeviceFlavour.Same(integers.ArgMax(), integers.To(flavour.Device).ArgMax(), $"ints {integers.Shape}");
            DeviceFlavour.Same(integers.Cast(DType.Float32).ArgMax(), integers.Cast(DType.Float32).To(flavour.Device).ArgMax(), $"floats {integers.Shape}");
        }

        Tensor special = Tensor.From(
            [
                1f, float.NaN, 5f, float.NaN, -0f, 0f, 0f, -0f, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 1f, 2f, float.PositiveInfinity, float.PositiveInfinity,
            ],
            [4, 4]);
        Assert.Equal([1, 0, 0, 2], special.To(flavour.Device).ArgMax().To(Device.Host).ToArray<int>());
    }
}
