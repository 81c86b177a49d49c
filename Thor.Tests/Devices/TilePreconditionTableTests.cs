using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Uploads of preconditioning, counted while nothing else uses the device.</summary>
[Collection(DeviceStatisticsCollection.Name)]
public sealed class TilePreconditionTableTests
{
    [Theory, MemberData(nameof(TilePreconditionDeviceTests.Methods), MemberType = typeof(TilePreconditionDeviceTests))]
    public void Precondition_KeptTable_IsUploadedWhenItChanges(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        DeviceTable table = new();
        using TilePreconditionDeviceTests.Layers layers = new(device, [(20, 30, 16), (10, 5, 8)], whole: true);
        using MemoryBuffer<float> sums = device.Allocate<float>(2);
        TilePreconditionLaunch.Apply(device.Stream, layers.Views, sums.View, table, method);
        float[] first = sums.ToArray();
        long uploads = device.Statistics.Uploads;
        TilePreconditionLaunch.Apply(device.Stream, layers.Views, sums.View, table, method);
        Assert.Equal(uploads, device.Statistics.Uploads);
        TilePreconditionLaunch.Apply(device.Stream, layers.Views.AsSpan(1), sums.View, table, method);
        Assert.Equal(uploads + 1, device.Statistics.Uploads);
        Assert.Equal([first[1], first[1]], sums.ToArray());
        table.Release();
    }
}
