using System.Globalization;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>
/// The same kernels under two compilers on one device: our own translator beside ILGPU, each queued many times in a row. Where a kernel
/// has a form that only CUDA runs, the engine's choice is compared with the form that ILGPU runs, and that form with itself as well. What one of
/// the compilers cannot run is named, and the others go on.
/// </summary>
/// <param name="device">The device by our own compiler.</param>
/// <param name="other">The same device by the other.</param>
internal sealed class CompilerMeasures(Device device, Device other) : MeasureSet
{
    private const double Target = 1;
    private const double TileTarget = 2;
    private const int CallsInRow = 20;

    /// <summary>The prefix that kinds of ILGPU's devices have.</summary>
    public const string IlgpuPrefix = "ilgpu-";

    public override string Name => "compilers";

    public override string? Missing => null;

    // Devices that are there to look for faults run small shapes only.
    private bool IsDebugger => device.Kind == "cpu";

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        int rows = IsDebugger ? 32 : 32768;
        foreach (MicroResult row in ElementwiseCases.On(device, rows).Zip(ElementwiseCases.On(other, rows))
            .Where(pair => wanted(pair.First.Name)).SelectMany(pair => Measure(pair.First.Name, () => pair.First.Prepare().Call, () => pair.Second.Prepare().Call)))
        {
            yield return row;
        }

        foreach (MicroResult row in CompilerCases.On(device, rows).Zip(CompilerCases.On(other, rows))
            .Where(pair => wanted(pair.First.Name)).SelectMany(pair => Measure(pair.First.Name, pair.First.Prepare, pair.Second.Prepare)))
        {
            yield return row;
        }

        using Accelerator ours = Accelerator.Open(device.ToString());
        using Accelerator theirs = Accelerator.Open(other.ToString());
        foreach (MicroResult row in Products(wanted, ours, theirs).Concat(Tiles(wanted, ours, theirs)))
        {
            yield return row;
        }
    }

    private IEnumerable<MicroResult> Products(Func<string, bool> wanted, Accelerator ours, Accelerator theirs)
    {
        int size = IsDebugger ? 64 : 2048;
        GemmShape shape = new("square", size, size, size);
        string name = $"{shape} {device}";
        if (!wanted(name))
        {
            yield break;
        }

        using DeviceGemmWorkload mine = new(shape, ours, null);
        using DeviceGemmWorkload peer = new(shape, theirs, null);
        IEnumerable<MicroResult> chosen = Compare(
            name, new Side(() => mine.Queue(MatMulPrecision.Float32), ours.Synchronize), new Side(() => peer.Queue(MatMulPrecision.Float32), theirs.Synchronize), Target);

        // The plan that the other compiler can run, under both.
        GemmPlan plan = GemmPlan.Choose(theirs.Properties, peer.Sizes, MatMulPrecision.Float32);
        IEnumerable<MicroResult> same = Compare(
            $"{name} {plan.Method}", new Side(() => mine.Queue(plan), ours.Synchronize), new Side(() => peer.Queue(plan), theirs.Synchronize), Target);
        foreach (MicroResult row in chosen.Concat(same))
        {
            yield return row;
        }
    }

    private IEnumerable<MicroResult> Tiles(Func<string, bool> wanted, Accelerator ours, Accelerator theirs)
    {
        (int n, int batch) = IsDebugger ? (16, 4) : (128, 4096);
        (string Name, Func<Accelerator, DeviceTileWorkload> Create)[] workloads =
        [
            (string.Create(CultureInfo.InvariantCulture, $"tile-inverse {n} x{batch}"), accelerator => new DeviceTileInverse(accelerator, n, batch)),
            .. ((string[])(IsDebugger
                ? ["tile-covariance 64x32", "tile-patches 1x4x8x8", "tile-precondition 32x32"]
                : ["tile-covariance 16384x2048", "tile-patches 256x64x28x28", "tile-precondition 4096x4096"]))
                .Select(static name => (name, (Func<Accelerator, DeviceTileWorkload>)(accelerator => DeviceTileWorkload.Create(name, accelerator)))),
        ];
        foreach ((string name, Func<Accelerator, DeviceTileWorkload> create) in workloads)
        {
            if (!wanted(name))
            {
                continue;
            }

            using DeviceTileWorkload mine = create(ours);
            using DeviceTileWorkload peer = create(theirs);
            foreach (MicroResult row in Compare(
                name,
                new Side(mine.Queue, ours.Synchronize),
                new Side(peer.Queue, theirs.Synchronize),
                IsDebugger ? Target : TileTarget,
                () =>
                {
                    mine.RequireRight($"{name} {device}");
                    peer.RequireRight($"{name} {other}");
                }))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<MicroResult> Measure(string name, Func<Action> prepare, Func<Action> prepareOther)
    {
        using TensorScope scope = TensorScope.Begin();
        return Compare(name, new Side(prepare(), device.Backend.Synchronize), new Side(prepareOther(), other.Backend.Synchronize), Target);
    }

    private IEnumerable<MicroResult> Compare(string name, Side ours, Side theirs, double target, Action? verify = null)
    {
        int calls = IsDebugger ? 1 : CallsInRow;
        try
        {
            ours.Run(1);
            theirs.Run(1);
            verify?.Invoke();
            PairedTimes times = PairedHarness.Run(() => ours.Run(calls), () => theirs.Run(calls), Pairs);
            return Rows(name, "ilgpu", times with { ThorMilliseconds = times.ThorMilliseconds / calls, PeerMilliseconds = times.PeerMilliseconds / calls }, null, target);
        }
        catch (Exception exception) when (exception is DeviceException or ArgumentException or InvalidOperationException)
        {
            Console.WriteLine($"{name}: not measured, {exception.Message}");
            return [];
        }
    }

    /// <summary>What one compiler's kernel is queued and waited for by.</summary>
    private readonly record struct Side(Action Queue, Action Wait)
    {
        public void Run(int calls)
        {
            for (int i = 0; i < calls; i++)
            {
                Queue();
            }

            Wait();
        }
    }
}
