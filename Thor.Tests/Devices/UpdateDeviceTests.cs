using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Optimizer updates on every device, launched for processors and for GPUs, against the host.</summary>
public sealed class UpdateDeviceTests
{
    public static TheoryData<string, bool> Devices => TestDevices.KindsAndFlavours;

    [Theory]
    [MemberData(nameof(Devices))]
    public void Update_EveryRuleAndOption_AgreesWithHost(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        UpdateStep[] steps =
        [
            new(0.01),
            new(0.01, 0.9, 0.99, 1e-6),
            new(0.01, 0.9, 0.99, 1e-6, WeightDecay: 0.1, Dampening: 0.25, Nesterov: true, Count: 3),
            new(0.01, 0.9, 0.99, 1e-6, WeightDecay: 0.1, DecoupledDecay: true, Count: 7, GradientScale: 0.5),
        ];
        foreach (UpdateRule rule in Enum.GetValues<UpdateRule>())
        {
            foreach (UpdateStep step in steps)
            {
                foreach (int length in (int[])[0, 1, 1031, 20_001])
                {
                    foreach (bool scaled in (bool[])[false, true])
                    {
                        Tensor[] Compute(Device device)
                        {
                            Tensor parameter = Layouts.Base([length], 1, DType.Float32, device);
                            Tensor first = Layouts.Base([length], 2, DType.Float32, device).MapInPlace(UnaryOperation.Square);
                            Tensor second = Layouts.Base([length], 3, DType.Float32, device).MapInPlace(UnaryOperation.Square);
                            Tensor gradient = Layouts.Base([length], 4, DType.Float32, device);
                            device.Backend.Update(rule, step, parameter, gradient, first, second, scaled ? Tensor.Full([1], 0.25, device: device) : null);
                            return [parameter, first, second];
                        }

                        // The same operations in the same order; only factors are rounded where the host keeps double.
                        Tensor[] expected = Compute(Device.Host);
                        Tensor[] actual = Compute(flavour.Device);
                        for (int i = 0; i < expected.Length; i++)
                        {
                            DeviceFlavour.Same(expected[i], actual[i], $"{rule} {step} {length} {scaled} {i}");
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Update_WithoutTheSecondState_IsRefused(string kind, bool processor)
    {
        using DeviceFlavour flavour = new(kind, processor);
        Tensor p = Tensor.Zeros([3], device: flavour.Device);
        ArgumentNullException fault = Assert.Throws<ArgumentNullException>(
            () => flavour.Device.Backend.Update(UpdateRule.Adam, new UpdateStep(0.1, 0.9, 0.99), p, p.Clone(), p.Clone(), null));
        Assert.Contains("Adam", fault.Message, StringComparison.Ordinal);
    }
}
