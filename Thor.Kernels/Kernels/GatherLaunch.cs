using System.Numerics;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches what reads and writes rows of a table by index.</summary>
public static class GatherLaunch
{
    private const int Grain = 32768;
    private const int WordsPerThread = 4;
    private const int MostRowsOfGrid = 65535;

    // Ranges of a table whose rows groups own: enough to fill a GPU, few enough that reading all ids in each costs little.
    private const int MostRanges = 2048;
    private const int MostRangesOfProcessor = 16;

    /// <summary>y[i, :] = table[ids[i], :], in words of 32 bits. Ids outside the table are noted, and their rows not written.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="table">rows by width.</param>
    /// <param name="ids">One per row of y.</param>
    /// <param name="y">ids by width.</param>
    /// <param name="faults">Of <see cref="DeviceFaults"/>.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Columns.</param>
    public static void Rows(AcceleratorStream stream, ArrayView<int> table, ArrayView<int> ids, ArrayView<int> y, ArrayView<int> faults, int rows, int width)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int count = ids.IntLength;
        if (count == 0)
        {
            return;
        }

        if (DeviceShape.IsProcessor(stream))
        {
            int run = Math.Max(1, Grain / Math.Max(1, width));
            stream.Launch(Threads(count, run), new GatherKernels.RowsAlongKernel(table, ids, y, faults, count, rows, width, run));
            return;
        }

        int side = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)((width + WordsPerThread - 1) / WordsPerThread)), 8, GatherKernels.GroupSize);
        int lines = GatherKernels.GroupSize / side;
        Index3D grid = new(
            Math.Max(1, (width + (side * WordsPerThread) - 1) / (side * WordsPerThread)), Math.Min(MostRowsOfGrid, (count + lines - 1) / lines), 1);
        stream.Launch(new KernelConfig(grid, new Index3D(side, lines, 1)), new GatherKernels.RowsKernel(table, ids, y, faults, count, rows, width));
    }

    /// <summary>table[ids[i], :] += x[i, :] in the order of i; nothing is added if any id is outside the table, which is noted.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="ids">One per row of x.</param>
    /// <param name="x">ids by width.</param>
    /// <param name="table">rows by width, changed.</param>
    /// <param name="faults">Of <see cref="DeviceFaults"/>.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Columns.</param>
    /// <param name="integers">True for ints, false for floats.</param>
    public static void AddRows(
        AcceleratorStream stream, ArrayView<int> ids, ArrayView<int> x, ArrayView<int> table, ArrayView<int> faults, int rows, int width, bool integers)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int count = ids.IntLength;
        if (count == 0)
        {
            return;
        }

        bool processor = DeviceShape.IsProcessor(stream);
        stream.Launch(
            processor ? Threads(count, Grain) : KernelConfig.Cover(count, GatherKernels.GroupSize), new GatherKernels.CheckKernel(ids, faults, count, rows, processor ? Grain : 1));
        if (rows == 0 || width == 0)
        {
            return;
        }

        SpecializedValue<int> integer = new(integers ? 1 : 0);
        if (processor)
        {
            int ranges = (int)Math.Clamp((long)count * width / Grain, 1, Math.Min(MostRangesOfProcessor, rows));
            int run = (rows + ranges - 1) / ranges;
            stream.Launch(Threads(rows, run), new GatherKernels.AddRowsAlongKernel(ids, x, table, faults, count, rows, width, run, integer));
            return;
        }

        int side = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)width), 32, GatherKernels.GroupSize);
        int across = (width + side - 1) / side;
        int owned = Math.Max(1, (int)(((long)rows * across + MostRanges - 1) / MostRanges));
        owned = Math.Max(owned, (rows + MostRowsOfGrid - 1) / MostRowsOfGrid);
        stream.Launch(
            new KernelConfig(new Index3D(across, (rows + owned - 1) / owned, 1), side),
            new GatherKernels.AddRowsKernel(ids, x, table, faults, count, rows, width, owned, integer));
    }

    /// <summary>y[i, c] = one where c = ids[i], else 0.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="ids">Any numbers.</param>
    /// <param name="y">ids by classes.</param>
    /// <param name="one">Bits of 1.</param>
    /// <param name="classes">Columns.</param>
    public static void OneHot(AcceleratorStream stream, ArrayView<int> ids, ArrayView<int> y, int one, int classes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int count = ids.IntLength;
        if (count == 0 || classes == 0)
        {
            return;
        }

        bool processor = DeviceShape.IsProcessor(stream);
        int run = processor ? Math.Max(1, Grain / classes) : 0;
        KernelConfig config = processor ? Threads(count, run) : KernelConfig.Cover(y.IntLength, GatherKernels.GroupSize);
        stream.Launch(config, new GatherKernels.OneHotKernel(ids, y, one, count, classes, Divisor.Of(classes), run));
    }

    private static KernelConfig Threads(int count, int run) => KernelConfig.Cover(count, run) with { Group = 1 };
}
