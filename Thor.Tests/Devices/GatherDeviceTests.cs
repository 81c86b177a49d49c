using Thor.Engine;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Rows by index on every device, launched for processors and for GPUs, against the host; and what bad ids do.</summary>
[Collection(DeviceFaultsCollection.Name)]
public sealed class GatherDeviceTests
{
    private static readonly (int Rows, int Width, int Count)[] s_sizes = [(1, 1, 1), (5, 3, 0), (7, 1, 31), (10, 67, 300), (3, 1100, 9), (2500, 5, 40), (4, 0, 3)];

    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    [Theory]
    [MemberData(nameof(Devices))]
    public void GatherAndScatterAdd_OverSizes_GiveTheHostsBits(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach ((int rows, int width, int count) in s_sizes)
        {
            Tensor ids = Ids(count, rows);
            foreach (DType type in (DType[])[DType.Float32, DType.Int32])
            {
                Tensor table = Layouts.Base([rows, width], 1, type, Device.Host);
                Tensor added = Layouts.Base([count, width], 2, type, Device.Host);
                Tensor there = table.To(flavour.Device);
                DeviceFlavour.Same(table.Gather(ids), there.Gather(ids.To(flavour.Device)), $"gather {type} {rows} {width} {count}");

                // The order of additions is fixed, so sums agree bit for bit.
                DeviceFlavour.Same(
                    table.Clone().ScatterAdd(ids, added), there.ScatterAdd(ids.To(flavour.Device), added.To(flavour.Device)), $"scatter {type} {rows} {width} {count}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void OneHot_IdsOutside_GiveRowsOfZero(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor ids = Tensor.From(0, 4, 5, -1, 2, int.MaxValue, int.MinValue);
        foreach (DType type in (DType[])[DType.Float32, DType.Int32])
        {
            Tensor expected = Tensor.Empty([7, 5], type);
            Tensor actual = Tensor.Empty([7, 5], type, flavour.Device);
            Device.Host.Backend.OneHot(ids, expected);
            flavour.Device.Backend.OneHot(ids.To(flavour.Device), actual);
            DeviceFlavour.Same(expected, actual, $"{type}");
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Gather_IdOutsideTheTable_ThrowsWhenSomethingIsRead(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor table = Layouts.Base([10, 4], 3, DType.Float32, flavour.Device);
        Tensor rows = table.Gather(Tensor.From(3, 10, 2).To(flavour.Device));
        ArgumentOutOfRangeException fault = Assert.Throws<ArgumentOutOfRangeException>(() => rows.ToArray<float>());
        Assert.Equal("ids", fault.ParamName);
        Assert.Contains("1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("10 rows", fault.Message, StringComparison.Ordinal);

        // Once only: the device goes on.
        Assert.Equal(40, table.ToArray<float>().Length);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ScatterAdd_IdOutsideTheTable_AddsNothing(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor table = Tensor.Zeros([10, 4], device: flavour.Device);
        foreach (int bad in (int[])[-1, 10, int.MinValue])
        {
            table.ScatterAdd(Tensor.From(3, 5, bad).To(flavour.Device), Tensor.Ones([3, 4], device: flavour.Device));
            ArgumentOutOfRangeException fault = Assert.Throws<ArgumentOutOfRangeException>(flavour.Device.Backend.Synchronize);
            Assert.Equal(bad, fault.ActualValue);
            Assert.All(table.ToArray<float>(), static value => Assert.Equal(0f, value));
        }

        table.ScatterAdd(Tensor.From(3, 5, 3).To(flavour.Device), Tensor.Ones([3, 4], device: flavour.Device));
        Assert.Equal(12, table.Sum().Item());
    }

    private static Tensor Ids(int count, int rows)
    {
        Random random = new(rows);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            // Runs of one id, and ids that come again.
            ids[i] = i > 0 && random.Next(3) == 0 ? ids[i - 1] : random.Next(rows);
        }

        return Tensor.From(ids, [count]);
    }
}
