using System.Diagnostics;
using Thor.Bench.Peers;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>
/// Times the tile primitives of the host against OpenBLAS. Thor and peer alternate, so that both see the same machine; the
/// peak is measured beside them. Batches fit the second cache.
/// </summary>
public static unsafe class TileMeasures
{
    private const int BatchElements = 8 * 128 * 128;
    private const long PeakSteps = 20_000;

    /// <summary>Names that <see cref="Run"/> knows: primitive and dimension, or primitive and shape.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "inverse 16", "inverse 32", "inverse 64", "inverse 128", "inverse 256",
        "covariance 4096x128", "covariance 4096x64", "covariance 2048x512",
        "precondition 128x128", "precondition 512x3136", "precondition 64x800", "precondition 64x576", "precondition 16x144",
    ];

    /// <summary>Measures one primitive.</summary>
    /// <param name="name">One of <see cref="Names"/>, or another dimension or shape in the same form; factors are cut into tiles of 128.</param>
    /// <param name="threads">Threads to share the work.</param>
    /// <param name="repetitions">Pairs to take the medians of.</param>
    /// <exception cref="ArgumentException">There is no such primitive.</exception>
    public static TileMeasure Run(string name, int threads, int repetitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        string[] words = name.Split(' ', 'x');
        WorkerPool pool = WorkerPool.Shared;
        int before = pool.Threads;
        pool.Threads = threads;
        try
        {
            OpenBlasTiles? peer = OpenBlasTiles.TryLoad();
            peer?.SetThreads(threads);
            return words switch
            {
                ["inverse", string n] => Inverse(name, int.Parse(n), peer, repetitions),
                ["covariance", string rows, string n] => Covariance(name, int.Parse(rows), int.Parse(n), peer, repetitions),
                ["precondition", string m, string n] => Precondition(name, int.Parse(m), int.Parse(n), peer, repetitions),
                _ => throw new ArgumentException($"There is no tile measure '{name}'. Known: {string.Join(", ", Names)}.", nameof(name)),
            };
        }
        finally
        {
            pool.Threads = before;
        }
    }

    private static TileMeasure Inverse(string name, int n, OpenBlasTiles? peer, int repetitions)
    {
        int batch = Math.Max(1, BatchElements / (n * n));
        float[] tiles = new float[batch * n * n];
        TileSlot[] slots = new TileSlot[batch];
        for (int tile = 0; tile < batch; tile++)
        {
            slots[tile] = new TileSlot((long)tile * n * n, n, 0.01);
            for (int i = 0; i < n * n; i++)
            {
                tiles[(tile * n * n) + i] = i % (n + 1) == 0 ? 2 : 0.5f / (1 + Math.Abs((i / n) - (i % n)));
            }
        }

        int[] status = new int[batch];
        float[] result = new float[tiles.Length];
        fixed (float* from = tiles)
        fixed (float* to = result)
        {
            float* source = from;
            float* destination = to;
            TileMeasure measure = Measure(
                name,
                batch * ((double)n * n * n + ((double)n * n) + n),
                () => TileInverse.Invert(source, destination, slots, status),
                peer is null ? null : () => PeerInverse(peer, source, destination, n, batch),
                repetitions);
            return Array.TrueForAll(status, word => word == 0) ? measure : throw new InvalidOperationException($"{name}: a tile failed.");
        }
    }

    // LAPACK works in place, so the copy that Thor needs no more than it does is part of it.
    private static void PeerInverse(OpenBlasTiles peer, float* source, float* destination, int n, int batch)
    {
        new ReadOnlySpan<float>(source, batch * n * n).CopyTo(new Span<float>(destination, batch * n * n));
        for (int tile = 0; tile < batch; tile++)
        {
            if (peer.Invert(destination + ((long)tile * n * n), n) != 0)
            {
                throw new InvalidOperationException("OpenBLAS failed to invert a tile.");
            }
        }
    }

    private static TileMeasure Covariance(string name, int rows, int dimension, OpenBlasTiles? peer, int repetitions)
    {
        float[] data = Numbers(rows * dimension);
        float[] result = new float[TileLayout.Length(dimension, 128)];
        double operations = 0;
        foreach (TileSlot slot in TileLayout.Slots(dimension, 128))
        {
            operations += (double)rows * slot.Dimension * (slot.Dimension + 1);
        }

        fixed (float* from = data)
        fixed (float* to = result)
        {
            float* x = from;
            float* tiles = to;
            return Measure(
                name,
                operations,
                () => TileCovariance.Accumulate(x, dimension, rows, dimension, 128, 1, 0, tiles),
                peer is null ? null : () =>
                {
                    for (int tile = 0; tile < TileLayout.Count(dimension, 128); tile++)
                    {
                        peer.Covariance(
                            x + (tile * 128), dimension, rows, TileLayout.Dimension(dimension, 128, tile), tiles + TileLayout.Offset(128, tile));
                    }
                },
                repetitions);
        }
    }

    private static TileMeasure Precondition(string name, int rows, int columns, OpenBlasTiles? peer, int repetitions)
    {
        float[] left = Numbers((int)TileLayout.Length(rows, 128));
        float[] right = Numbers((int)TileLayout.Length(columns, 128));
        float[] gradient = Numbers(rows * columns);
        float[] result = new float[gradient.Length];
        float[] half = new float[128 * 128];
        double operations = 0;
        foreach (TileSlot i in TileLayout.Slots(rows, 128))
        {
            foreach (TileSlot j in TileLayout.Slots(columns, 128))
            {
                operations += 2.0 * i.Dimension * j.Dimension * (i.Dimension + j.Dimension);
            }
        }

        fixed (float* l = left, r = right, g = gradient, y = result, h = half)
        {
            TilePreconditionLayer<float>[] layers = [new(l, r, g, y, rows, columns, 128)];
            float* a = l;
            float* b = r;
            float* x = g;
            float* to = y;
            float* scratch = h;
            return Measure(
                name,
                operations,
                () => TilePrecondition.Apply<float>(layers, default),
                peer is null ? null : () => PeerPrecondition(peer, a, b, x, to, scratch, rows, columns),
                repetitions);
        }
    }

    private static void PeerPrecondition(OpenBlasTiles peer, float* left, float* right, float* gradient, float* result, float* half, int rows, int columns)
    {
        for (int i = 0; i < rows; i += 128)
        {
            int m = Math.Min(128, rows - i);
            for (int j = 0; j < columns; j += 128)
            {
                int n = Math.Min(128, columns - j);
                long corner = ((long)i * columns) + j;
                peer.Multiply(m, n, m, left + ((long)i * 128), m, gradient + corner, columns, half, n);
                peer.Multiply(m, n, n, half, n, right + ((long)j * 128), n, result + corner, columns);
            }
        }
    }

    private static TileMeasure Measure(string name, double operations, Action own, Action? peer, int repetitions)
    {
        int threads = WorkerPool.Shared.Threads;

        // Runs of a fraction of a millisecond, so that few are interrupted; before the clock starts, calls and time enough for the code to be compiled in full.
        int inner = (int)Math.Clamp(2e7 / operations, 1, 10_000);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 40 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < 400; i++)
        {
            own();
        }

        peer?.Invoke();
        double[] times = new double[repetitions];
        double[] peerTimes = new double[repetitions];
        double[] peakTimes = new double[repetitions];
        for (int i = 0; i < repetitions; i++)
        {
            times[i] = Time(own, inner);
            peerTimes[i] = peer is null ? double.NaN : Time(peer, inner);
            peakTimes[i] = Time(static () => WorkerPool.For(WorkerPool.Shared.Threads, default(Peak)), 1);
        }

        double seconds = Median(times);
        double peak = PeakSteps * (double)PeakKernels.OperationsPerStep * threads / Median(peakTimes);
        return new TileMeasure(name, threads, seconds * 1e3, operations / seconds / 1e9, operations / seconds / peak, Median(peerTimes) * 1e3);
    }

    private static double Time(Action action, int count)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / count;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static float[] Numbers(int count)
    {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = ((i * 7919L) % 1009 / 1009f) - 0.5f;
        }

        return numbers;
    }

    /// <summary>One thread's share of the peak.</summary>
    private readonly struct Peak : IParallelBody
    {
        public void Invoke(int index)
        {
            if (float.IsNaN(PeakKernels.MultiplyAdd(PeakSteps)))
            {
                throw new InvalidOperationException("The peak kernel went astray.");
            }
        }
    }
}
