using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Micro;

/// <summary>
/// Operations that memory bounds on an accelerator: beside the host where that is a processor too, beside the device's own copy of as many
/// bytes elsewhere.
/// </summary>
internal sealed class DeviceElementwiseMeasures(Device device) : MeasureSet
{
    private const double HostTarget = 0.8;
    private const double CopyTarget = 0.9;

    // Operands that no cache of a GPU holds, and so many calls in a row that waiting for the last does not show.
    private const int GpuHeight = 32768;
    private const int CallsInRow = 20;

    private bool _isProcessor;

    public override string Name => "elementwise";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        using (Accelerator accelerator = Accelerator.Open(device.ToString()))
        {
            _isProcessor = accelerator.Properties.IsProcessor;
        }

        int height = _isProcessor ? ElementwiseCases.Height : GpuHeight;
        foreach (((string name, Func<(long Bytes, Action Call)> prepare), (_, Func<(long Bytes, Action Call)> prepareHost)) in
            ElementwiseCases.On(device, height).Zip(ElementwiseCases.On(Device.Host, height)))
        {
            if (wanted($"{name} {device}"))
            {
                foreach (MicroResult row in Measure($"{name} {device}", prepare, prepareHost))
                {
                    yield return row;
                }
            }
        }
    }

    private MicroResult[] Measure(string name, Func<(long Bytes, Action Call)> prepare, Func<(long Bytes, Action Call)> prepareHost)
    {
        using TensorScope scope = TensorScope.Begin();
        (long bytes, Action call) = prepare();
        PairedTimes times = _isProcessor ? BesideHost(call, prepareHost().Call) : BesideCopy(call, bytes);
        return
        [
            new MicroResult(
                name, "thor", times.ThorMilliseconds, null, times.Ratio, _isProcessor ? HostTarget : CopyTarget, bytes / times.ThorMilliseconds / 1e6),
            new MicroResult(name, _isProcessor ? "host" : "device copy", times.PeerMilliseconds, null, 1, GigabytesPerSecond: bytes / times.PeerMilliseconds / 1e6),
        ];
    }

    private PairedTimes BesideHost(Action call, Action host)
    {
        Backend backend = device.Backend;
        return PairedHarness.Run(
            () =>
            {
                call();
                backend.Synchronize();
            },
            host,
            Pairs);
    }

    private PairedTimes BesideCopy(Action call, long bytes)
    {
        // A copy of n bytes reads n and writes n.
        Tensor from = Tensor.Zeros([checked((int)(bytes / 2 / sizeof(float)))], device: device);
        Tensor to = from.Clone();
        PairedTimes times = PairedHarness.Run(() => InRow(call), () => InRow(() => device.Backend.Copy(from, to)), Pairs);
        return new PairedTimes(times.ThorMilliseconds / CallsInRow, times.PeerMilliseconds / CallsInRow, times.Ratio);
    }

    private void InRow(Action call)
    {
        for (int i = 0; i < CallsInRow; i++)
        {
            call();
        }

        device.Backend.Synchronize();
    }
}
