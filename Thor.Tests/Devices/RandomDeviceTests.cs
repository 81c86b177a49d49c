using Thor.Engine;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Random numbers on every device, launched for processors and for GPUs: the host's bits.</summary>
public sealed class RandomDeviceTests
{
    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Numbers_OfEveryLengthAndPosition_HaveTheHostsBits(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (int length in (int[])[0, 1, 2, 3, 4, 5, 1031, 40_003])
        {
            foreach (ulong position in (ulong[])[0, 1, 2, 3, 4, 17_179_869_183, ulong.MaxValue / 2])
            {
                const ulong key = 0x123456789abcdef0;
                Check(flavour, length, $"uniform {length} at {position}", (backend, y) => backend.Uniform(y, key, position));
                Check(flavour, length, $"normal {length} at {position}", (backend, y) => backend.Normal(y, key, position));
                Check(flavour, length, $"mask {length} at {position}", (backend, y) => backend.DropoutMask(y, 0.7, key, position));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Mask_OfProbabilitiesAtTheEdges_HasTheHostsBits(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        foreach (double keep in (double[])[1, 0.5, 1e-9, 0.999999999])
        {
            Check(flavour, 1000, $"mask that keeps {keep}", (backend, y) => backend.DropoutMask(y, keep, 7, 3));
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Numbers_IntoMemoryThatVectorsDoNotFit_HaveTheHostsBits(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor whole = Tensor.Zeros([103], device: flavour.Device);
        flavour.Device.Backend.Normal(whole.Slice(0, 1, 101), 9, 0);
        Tensor expected = Tensor.Zeros([103]);
        Device.Host.Backend.Normal(expected.Slice(0, 1, 101), 9, 0);
        DeviceFlavour.Same(expected, whole, "slice");
    }

    private static void Check(DeviceFlavour flavour, int length, string what, Action<Thor.Engine.Backends.Backend, Tensor> draw)
    {
        Tensor expected = Tensor.Empty([length]);
        Tensor actual = Tensor.Empty([length], device: flavour.Device);
        draw(Device.Host.Backend, expected);
        draw(flavour.Device.Backend, actual);
        Assert.True(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.ToArray<float>().AsSpan())
                .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(actual.To(Device.Host).ToArray<float>().AsSpan())),
            what);
    }
}
