using System.Runtime.InteropServices;
using Thor.Bench.Peers;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Bench.Invert;

/// <summary>Measures roofs, then cell after cell: Thor and its peers in turns, then verified.</summary>
/// <param name="settings">What is measured.</param>
/// <param name="view">Where results are shown as they come.</param>
internal sealed class InvertRunner(InvertSettings settings, IInvertView view)
{
    private const string Host = "host";

    private readonly List<InvertRoof> _roofs = [];
    private readonly List<InvertRow> _rows = [];
    private readonly List<string> _skipped = [];

    /// <summary>Everything, on every device.</summary>
    /// <exception cref="DeviceException">A device failed.</exception>
    public InvertReport Run()
    {
        int threads = WorkerPool.Shared.Threads;
        int peerThreads = OpenBlas.IsAvailable ? OpenBlas.Threads : 1;
        try
        {
            if (OpenBlas.IsAvailable)
            {
                // Tiles are shared out over our threads; the library's own would only be in their way.
                OpenBlas.Threads = 1;
            }

            foreach (string device in settings.Devices)
            {
                Run(device);
            }
        }
        finally
        {
            WorkerPool.Shared.Threads = threads;
            if (OpenBlas.IsAvailable)
            {
                OpenBlas.Threads = peerThreads;
            }
        }

        string machine = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}";
        return new InvertReport(_roofs, _rows, TileProblem.Convention(settings.Primitive), machine, _skipped);
    }

    private void Run(string device)
    {
        if (device != Host)
        {
            WorkerPool.Shared.Threads = Environment.ProcessorCount;
            using Accelerator accelerator = Accelerator.Open(device);
            Run(accelerator.Name, accelerator, DeviceRoof.Measure(accelerator));
            return;
        }

        foreach (int threads in settings.Threads)
        {
            WorkerPool.Shared.Threads = threads;
            Run(device, null, HostRoofOf(threads));
        }
    }

    private void Run(string device, Accelerator? accelerator, InvertRoof roof)
    {
        if (accelerator is not null)
        {
            _roofs.Add(roof);
        }

        InvertSection section = new(device, roof.Threads, accelerator, roof, roof, []);
        List<string> peers = [];
        foreach (string peer in settings.Peers)
        {
            if (TilePeers.Missing(peer, settings.Primitive, section.Kind, section.IsProcessor) is string reason)
            {
                Skip($"{device}: peer {peer} {reason}");
            }
            else
            {
                peers.Add(peer);
            }
        }

        if (settings.Precisions.Any(precision => precision != MatMulPrecision.Float32 && (accelerator is null || !KernelContender.Rounds(accelerator, precision))))
        {
            Skip($"{device} has no tensor cores: its rows are of float32");
        }

        bool besideHost = accelerator is not null && peers.Any(static peer => peer != TilePeers.CuSolver);
        section = section with { Peers = peers, PeerRoof = besideHost ? HostRoofOf(WorkerPool.Shared.Threads) : roof };
        view.Begin(section);
        foreach (int dimension in settings.Dimensions)
        {
            TileProblem one = TileProblem.Create(settings.Primitive, dimension);
            List<InvertRow> rows = [];
            foreach (int batch in settings.Batches)
            {
                TileProblem problem = one.WithBatch(batch);
                if (TileCaps.Reason(problem, accelerator, Copies(problem, peers)) is string reason)
                {
                    Skip($"{device}: {problem.Name} of {batch} tiles of {dimension} left out: {reason}");
                    continue;
                }

                rows.AddRange(Measure(section, problem, first: rows.Count == 0));
            }

            _rows.AddRange(rows);
            view.Show(section, rows);
        }
    }

    /// <summary>The precisions that a device has, float32 in place of those that it has not.</summary>
    private IEnumerable<MatMulPrecision> PrecisionsOf(Accelerator accelerator) => settings.Precisions
        .Select(precision => KernelContender.Rounds(accelerator, precision) ? precision : MatMulPrecision.Float32)
        .Distinct();

    /// <summary>The host's roof on the threads that the pool has now; each is measured once.</summary>
    private InvertRoof HostRoofOf(int threads)
    {
        InvertRoof? known = _roofs.Find(roof => roof.Device == Host && roof.Threads == threads);
        if (known is null)
        {
            known = HostRoof.Measure();
            _roofs.Add(known);
        }

        return known;
    }

    private void Skip(string text)
    {
        _skipped.Add(text);
        view.Note(text);
    }

    private List<InvertRow> Measure(InvertSection section, TileProblem problem, bool first)
    {
        bool exceedsCaches = problem.SetBytes >= section.ColdBytes;
        int sets = exceedsCaches || section.IsDebugger ? 1 : (int)(section.ColdBytes / problem.SetBytes) + 2;
        bool needsHost = section.Accelerator is null || section.Peers.Any(static peer => peer != TilePeers.CuSolver);
        using HostSets? host = needsHost ? new HostSets(problem, sets) : null;
        using DeviceSets? device = section.Accelerator is null ? null : new DeviceSets(problem, section.Accelerator, sets);
        List<ITileContender> contenders = device is null
            ? [new ThorContender("thor", host!)] // the host has sets where there is no device
            : [.. PrecisionsOf(device.Accelerator).Select(precision => new KernelContender(device, precision))];
        try
        {
            foreach (string peer in section.Peers)
            {
                contenders.Add(peer == TilePeers.CuSolver ? new CuSolverContender(device!) : TilePeers.Create(peer, host!)); // a peer is there only beside its memory
            }

            if (problem is TilePreconditionProblem)
            {
                foreach (bool fused in (bool[])[true, false])
                {
                    contenders.Add(device is null ? new ThorUpdateContender(host!, fused) : new KernelUpdateContender(device, fused)); // as above
                }
            }

            List<InvertRow> rows = exceedsCaches ? [] : Measure(section, problem, contenders, cold: false, first);
            if (!section.IsDebugger)
            {
                rows.AddRange(Measure(section, problem, contenders, cold: true, first && exceedsCaches));
            }

            return rows;
        }
        finally
        {
            foreach (IDisposable contender in contenders.OfType<IDisposable>())
            {
                contender.Dispose();
            }
        }
    }

    private List<InvertRow> Measure(InvertSection section, TileProblem problem, List<ITileContender> contenders, bool cold, bool first)
    {
        TileTimes[] times = TileTimer.Measure(contenders, problem, cold, first, settings.Seconds);
        List<InvertRow> rows = [];
        for (int i = 0; i < times.Length; i++)
        {
            TileVerdict verdict = TileVerifier.Verify(contenders[i], problem, cold ? contenders[i].Sets - 1 : 0, times[i].UnitsPerPart);
            int ours = contenders.FindIndex(contender => contender.Updates == contenders[i].Updates);
            rows.Add(Row(section, problem, contenders[i], cold, times[i], i == ours ? null : times[ours].RatioOf(times[i]), verdict));
        }

        return rows;
    }

    /// <summary>How many times results are held.</summary>
    private static int Copies(TileProblem problem, List<string> peers) =>
        problem is TilePreconditionProblem ? TileUpdateStep.Copies : peers.Contains(TilePeers.CuSolver) ? CuSolverContender.Copies : 1;

    private static InvertRow Row(
        InvertSection section, TileProblem problem, ITileContender implementation, bool cold, TileTimes times, double? speedup, TileVerdict verdict)
    {
        InvertRoof roof = implementation is DeviceContender ? section.Roof : section.PeerRoof;
        double gflops = problem.Operations / (times.Median * 1e3);
        double gigabytes = problem.SetBytes / (times.Median * 1e3);
        return new InvertRow(
            section.Device,
            problem.Name,
            implementation.Name,
            problem.Dimension,
            problem.Batch,
            section.Threads,
            problem.Batch / times.Median * 1e6,
            gflops,
            100 * gflops / roof.Gflops,
            times.Median,
            times.Low,
            times.High,
            Finite(verdict.ResidualRatio),
            Finite(verdict.ForwardError),
            cold ? "cold" : "warm",
            gigabytes,
            100 * gigabytes / roof.GbytesPerSecond,
            times.LatencyMicroseconds,
            speedup,
            times.Microseconds.Count,
            times.TilesPerPart,
            verdict.Failure);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
