using System.Diagnostics;
using Thor.Bench.Peers;
using Thor.Engine;

namespace Thor.Bench.Micro;

/// <summary>
/// Training steps on an accelerator, queued ten at a time, beside PyTorch eager on the same card (both in single precision), or beside our own host
/// where the device is the processor.
/// </summary>
internal sealed class DeviceTrainingStepMeasures(Device device) : MeasureSet
{
    private const int WarmUpSteps = 20;
    private const int Blocks = 9;
    private const int StepsPerBlock = 10;

    public override string Name => "training-step";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach (string model in TrainingStepWorkload.Names)
        {
            string name = $"training-step {model} {device}";
            if (!wanted(name))
            {
                continue;
            }

            double milliseconds = Measure(model, device);
            (string peer, double peerMilliseconds) = Peer(model);
            yield return new MicroResult(name, "thor", milliseconds, null, peerMilliseconds / milliseconds);
            yield return new MicroResult(name, peer, peerMilliseconds, null, 1);
        }
    }

    private (string Name, double Milliseconds) Peer(string model) => device.Kind == "cuda" && Torch.Missing is null
        ? ("torch eager", Torch.StepMilliseconds(model, device.ToString(), tensorFloat32: false))
        : ("host", Measure(model, Device.Host));

    private static double Measure(string model, Device device)
    {
        using TrainingStepWorkload workload = TrainingStepWorkload.Create(model, device: device);
        for (int i = 0; i < WarmUpSteps; i++)
        {
            workload.Queue();
        }

        double loss = workload.Step();
        if (!double.IsFinite(loss))
        {
            throw new InvalidOperationException($"training-step {model} on {device}: the loss became {loss}, so its times mean nothing.");
        }

        double[] times = new double[Blocks];
        for (int block = 0; block < Blocks; block++)
        {
            device.Backend.Synchronize();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < StepsPerBlock; i++)
            {
                workload.Queue();
            }

            device.Backend.Synchronize();
            times[block] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / StepsPerBlock;
        }

        Array.Sort(times);
        return times[Blocks / 2];
    }
}
