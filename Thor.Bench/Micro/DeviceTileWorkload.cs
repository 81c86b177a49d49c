using System.Globalization;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Micro;

/// <summary>One tile primitive with operands of its own on an accelerator, and the same on the host.</summary>
internal abstract class DeviceTileWorkload : IDisposable
{
    private readonly List<IDisposable> _buffers = [];

    /// <summary>Floating-point operations of a call by its definition.</summary>
    public double Operations { get; protected set; }

    /// <summary>The published shapes of covariance and preconditioning.</summary>
    public static IReadOnlyList<string> Names(bool isProcessor) => isProcessor
        ?
        [
            "tile-covariance 4096x128", "tile-covariance 2048x512", "tile-patches 32x16x28x28", "tile-precondition 512x3136", "tile-precondition 64x576",
        ]
        :
        [
            "tile-covariance 65536x128", "tile-covariance 16384x2048", "tile-covariance 802816x64", "tile-patches 256x64x28x28", "tile-patches 256x256x14x14",
            "tile-precondition 4096x4096", "tile-precondition 512x4608", "tile-precondition 64x576",
        ];

    /// <summary>A workload by name.</summary>
    /// <exception cref="ArgumentException">There is no such primitive.</exception>
    public static DeviceTileWorkload Create(string name, Accelerator accelerator)
    {
        int[] extents = [.. name.Split(' ')[1].Split('x').Select(static digits => int.Parse(digits, CultureInfo.InvariantCulture))];
        return name.Split(' ')[0] switch
        {
            "tile-covariance" => new DeviceTileCovariance(accelerator, extents[0], extents[1]),
            "tile-patches" => new DeviceTilePatches(accelerator, extents),
            "tile-precondition" => new DeviceTilePrecondition(accelerator, extents[0], extents[1]),
            _ => throw new ArgumentException($"There is no tile workload '{name}'.", nameof(name)),
        };
    }

    /// <summary>Queues the primitive.</summary>
    public abstract void Queue();

    /// <summary>The same on the host.</summary>
    public abstract void RunHost();

    /// <summary>Compares what the device computed with the host, or a part of it where all would take long.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public abstract void RequireRight(string name);

    public void Dispose()
    {
        foreach (IDisposable buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    /// <summary>Normal numbers on the host, the same for the same seed.</summary>
    protected static float[] Normal(ulong seed, int count)
    {
        using Tensor numbers = new RandomStream(seed).Normal([count]);
        return numbers.ToArray<float>();
    }

    /// <summary>Compares numbers up to a share of the largest.</summary>
    protected static void RequireSame(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double share)
    {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            double error = Math.Abs(expected[i] - actual[i]);
            difference = error <= difference ? difference : error;
        }

        if (!(difference <= share * largest))
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{name}: the device differs from the host by {difference:E2} where the largest number is {largest:E2}."));
        }
    }

    /// <summary>Keeps a buffer alive as long as the workload.</summary>
    protected MemoryBuffer<float> Keep(MemoryBuffer<float> buffer)
    {
        _buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Keeps a buffer alive as long as the workload.</summary>
    protected MemoryBuffer<int> Keep(MemoryBuffer<int> buffer)
    {
        _buffers.Add(buffer);
        return buffer;
    }

    /// <summary>Fills a symmetric positive definite matrix with entries that fall off away from the diagonal.</summary>
    protected static void FillDefinite(Span<float> matrix, int n, float diagonal)
    {
        for (int i = 0; i < n * n; i++)
        {
            int away = Math.Abs((i / n) - (i % n));
            matrix[i] = away == 0 ? diagonal : 0.5f / (1 + away);
        }
    }
}
