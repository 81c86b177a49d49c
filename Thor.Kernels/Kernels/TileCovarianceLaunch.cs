using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Diagonal tiles of X^T X on an accelerator: decides how rows are shared out and brings scratch memory. Nothing waits.</summary>
public static class TileCovarianceLaunch
{
    private const int TriangleThreads = 160;
    private const int SharedBudgetBytes = 40 * 1024;
    private const int AsyncBudgetBytes = 64 * 1024;

    // Groups that a multiprocessor should have, and the fewest steps that are worth a group of their own.
    private const int GroupsPerMultiprocessor = 3;
    private const int FewestSteps = 4;

    // Tensor cores, and copies that run on beside them: the first compute capability that has both, and threads that keep a multiprocessor's memory busy.
    private const int TensorCapability = 80;
    private const int TensorThreadsPerMultiprocessor = 512;

    // A team of few rows costs more at the end, when teams are added up, than it saves.
    private const int RowsPerTeam = 32;
    private const int PartsPerCore = 4;

    /// <summary>tiles = decay tiles + scale (diagonal tiles of X^T X) for stored X; with decay 0 the tiles are not read.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="x">From element (0, 0) on, as far as the rows reach.</param>
    /// <param name="rowStride">Elements from row to row.</param>
    /// <param name="rows">Rows of X.</param>
    /// <param name="dimension">Columns of X.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    /// <param name="method">Which kernels.</param>
    /// <param name="precision">What numbers of X may be rounded to where the kernels are chosen here and the device has tensor cores.</param>
    public static void Accumulate(
        AcceleratorStream stream,
        ArrayView<float> x,
        long rowStride,
        int rows,
        int dimension,
        int tileSize,
        double scale,
        double decay,
        ArrayView<float> tiles,
        TileCovarianceMethod method = TileCovarianceMethod.Automatic,
        MatMulPrecision precision = MatMulPrecision.Float32) =>
        Accumulate(stream, x, rowStride, rows, dimension, tileSize, scale, decay, tiles, method, precision, null);

    /// <summary>The same for the patches of a convolution, which are never written down.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="images">(batch, channels, height, width), contiguous.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    /// <param name="method">Which kernels.</param>
    /// <param name="precision">What numbers of X may be rounded to where the kernels are chosen here and the device has tensor cores.</param>
    public static void Accumulate(
        AcceleratorStream stream,
        ArrayView<float> images,
        in TilePatches patches,
        int tileSize,
        double scale,
        double decay,
        ArrayView<float> tiles,
        TileCovarianceMethod method = TileCovarianceMethod.Automatic,
        MatMulPrecision precision = MatMulPrecision.Float32) =>
        Accumulate(stream, images, 0, checked(patches.Batch * patches.Positions), patches.Columns, tileSize, scale, decay, tiles, method, precision, TilePatchSize.Of(patches));

    /// <summary>The kernels that suit a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">What numbers of X may be rounded to where it has tensor cores.</param>
    public static TileCovarianceMethod Choose(AcceleratorProperties device, MatMulPrecision precision)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.IsProcessor ? TileCovarianceMethod.Lanes
            : device.ComputeCapability < TensorCapability ? TileCovarianceMethod.Blocks
            : precision == MatMulPrecision.BFloat16 ? TileCovarianceMethod.BFloat16
            : precision == MatMulPrecision.TensorFloat32 ? TileCovarianceMethod.TensorFloat32
            : TileCovarianceMethod.AsyncBlocks;
    }

    private static void Accumulate(
        AcceleratorStream stream,
        ArrayView<float> x,
        long rowStride,
        int rows,
        int dimension,
        int tileSize,
        double scale,
        double decay,
        ArrayView<float> tiles,
        TileCovarianceMethod method,
        MatMulPrecision precision,
        TilePatchSize? patches)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int count = TileLayout.Count(dimension, tileSize);
        if (count == 0)
        {
            return;
        }

        TileCovarianceSize size = new()
        {
            RowStride = rowStride,
            Rows = rows,
            Dimension = dimension,
            TileSize = Math.Min(tileSize, dimension),
            WideTiles = tiles.OffsetInBytes % 16 == 0 ? 1 : 0,
            Scale = (float)scale,
            Decay = (float)decay,
        };

        // What is not read must still be memory of the device.
        ArrayView<float> source = x.Length > 0 ? x : tiles;
        if (method == TileCovarianceMethod.Automatic)
        {
            method = Choose(stream.Accelerator.Properties, precision);
        }

        if (method == TileCovarianceMethod.Lanes)
        {
            LaunchLanes(stream, source, tiles, size, count, patches);
            return;
        }

        int columns = Math.Min(size.TileSize, TileCovarianceKernels.Piece);
        size.BlockRows = (columns + TileRegisters.Block - 1) / TileRegisters.Block;
        size.Pieces = (size.TileSize + TileCovarianceKernels.Piece - 1) / TileCovarianceKernels.Piece;
        size.PairsPerTile = size.Pieces;
        bool wide = patches is null && x.OffsetInBytes % 16 == 0 && rowStride % 4 == 0 && size.TileSize % 4 == 0;
        if (method is TileCovarianceMethod.TensorFloat32 or TileCovarianceMethod.BFloat16)
        {
            LaunchTensorCores(stream, source, tiles, size, count, patches, wide, method);
            return;
        }

        bool async = wide && method == TileCovarianceMethod.AsyncBlocks;
        int budget = Math.Min(async ? AsyncBudgetBytes : SharedBudgetBytes, stream.Accelerator.Properties.MaxSharedBytes);
        size.Teams = Teams(size, patches is not null, async, budget);
        Launch(stream, source, tiles, size, count, patches, TriangleThreads, wide, async);
        if (size.Pieces > 1)
        {
            size.Teams = 1;
            Launch(stream, source, tiles, Squares(size), count, patches, TileCovarianceKernels.GroupThreads, wide, async);
        }
    }

    /// <summary>The pairs of different pieces.</summary>
    private static TileCovarianceSize Squares(TileCovarianceSize size)
    {
        size.Squares = 1;
        size.PairsPerTile = size.Pieces * (size.Pieces - 1) / 2;
        return size;
    }

    private static int Teams(TileCovarianceSize size, bool patches, bool async, int budget)
    {
        int most = Math.Min(TriangleThreads / TileCovarianceKernels.BlocksOf(size), Math.Max(1, size.Rows / RowsPerTeam));
        for (int teams = most; teams > 1; teams--)
        {
            size.Teams = teams;
            if (TileCovarianceKernels.SharedWords(size, patches, async) * sizeof(float) <= budget)
            {
                return teams;
            }
        }

        return 1;
    }

    private static void Launch(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> tiles, TileCovarianceSize size, int count, TilePatchSize? patches, int threads, bool wide, bool async)
    {
        int groups = Share(stream.Accelerator, ref size, count, GroupsPerMultiprocessor);
        KernelConfig config = new(groups, threads, TileCovarianceKernels.SharedWords(size, patches is not null, async) * sizeof(float));
        using MemoryBuffer<float>? parts = Parts(stream.Accelerator, size, groups);
        Launch(stream, config, x, tiles, parts?.View ?? tiles, size, patches, wide, async);
        Total(stream, parts, tiles, size, count);
    }

    private static void LaunchTensorCores(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> tiles, TileCovarianceSize size, int count, TilePatchSize? patches, bool wide, TileCovarianceMethod method)
    {
        int pair = 2 * TileCovarianceKernels.Strip / TileRegisters.Block;
        size.BlockRows = (size.BlockRows + pair - 1) / pair * pair;
        size.Teams = TileCovarianceKernels.TensorPanels;
        LaunchStrips(stream, x, tiles, size, count, patches, wide, method);
        if (size.Pieces > 1)
        {
            LaunchStrips(stream, x, tiles, Squares(size), count, patches, wide, method);
        }
    }

    private static void LaunchStrips(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> tiles, TileCovarianceSize size, int count, TilePatchSize? patches, bool wide, TileCovarianceMethod method)
    {
        int width = size.BlockRows * TileRegisters.Block / TileCovarianceKernels.Strip;
        int threads = TileCovarianceKernels.TensorThreads(width, size.Squares);
        int groups = Share(stream.Accelerator, ref size, count, TensorThreadsPerMultiprocessor / threads);
        KernelConfig config = new(groups, threads, TileCovarianceKernels.TensorWords(size, width, patches is not null) * sizeof(float));
        using MemoryBuffer<float>? parts = Parts(stream.Accelerator, size, groups);
        ArrayView<float> partial = parts?.View ?? tiles;
        SpecializedValue<int> strips = new(width);
        SpecializedValue<int> square = new(size.Squares);
        SpecializedValue<int> bfloat16 = new(method == TileCovarianceMethod.BFloat16 ? 1 : 0);
        if (patches is TilePatchSize patch)
        {
            stream.Launch(config, new TileCovarianceKernels.PatchRowsTensorCoresKernel(x, tiles, partial, size, patch, strips, square, bfloat16));
        }
        else
        {
            stream.Launch(config, new TileCovarianceKernels.StoredRowsTensorCoresKernel(x, tiles, partial, size, wide ? 1 : 0, strips, square, bfloat16));
        }

        Total(stream, parts, tiles, size, count);
    }

    /// <summary>Sets how many groups share a pair.</summary>
    /// <returns>Groups of all pairs.</returns>
    private static int Share(Accelerator accelerator, ref TileCovarianceSize size, int count, int groupsPerMultiprocessor)
    {
        int pairs = count * size.PairsPerTile;
        int rowsPerStep = size.Teams * TileRegisters.PanelRows;
        int steps = (int)(((long)size.Rows + rowsPerStep - 1) / rowsPerStep);
        int wanted = ((groupsPerMultiprocessor * accelerator.Properties.Multiprocessors) + pairs - 1) / pairs;
        size.Parts = Math.Clamp(wanted, 1, Math.Max(1, steps / FewestSteps));
        return checked(pairs * size.Parts);
    }

    /// <summary>Memory for the sums of each group; null where no groups share a pair.</summary>
    private static MemoryBuffer<float>? Parts(Accelerator accelerator, in TileCovarianceSize size, int groups) =>
        size.Parts == 1 ? null : accelerator.Allocate<float>(checked(groups * TileCovarianceKernels.BlocksOf(size) * TileRegisters.BlockElements));

    /// <summary>Adds up what groups that share a pair have left.</summary>
    private static void Total(AcceleratorStream stream, MemoryBuffer<float>? parts, ArrayView<float> tiles, in TileCovarianceSize size, int count)
    {
        if (parts is not null)
        {
            int blocks = count * size.PairsPerTile * TileCovarianceKernels.BlocksOf(size);
            stream.Launch(new KernelConfig(blocks, TileCovarianceKernels.TotalThreads), new TileCovarianceKernels.TotalKernel(parts.View, tiles, size));
        }
    }

    private static void Launch(
        AcceleratorStream stream,
        in KernelConfig config,
        ArrayView<float> x,
        ArrayView<float> tiles,
        ArrayView<float> partial,
        in TileCovarianceSize size,
        in TilePatchSize? patches,
        bool wide,
        bool async)
    {
        SpecializedValue<int> half = SpecializedValue.New(TileInverseKernels.HalfOf(size.BlockRows));
        if (patches is TilePatchSize patch)
        {
            stream.Launch(config, new TileCovarianceKernels.PatchRowsKernel(x, tiles, partial, size, patch, half));
        }
        else if (async)
        {
            stream.Launch(config, new TileCovarianceKernels.StoredRowsAsyncKernel(x, tiles, partial, size, half));
        }
        else
        {
            stream.Launch(config, new TileCovarianceKernels.StoredRowsKernel(x, tiles, partial, size, wide ? 1 : 0, half));
        }
    }

    private static void LaunchLanes(
        AcceleratorStream stream, ArrayView<float> x, ArrayView<float> tiles, TileCovarianceSize size, int count, TilePatchSize? patches)
    {
        int chunks = (size.Rows + TileCovarianceProcessorKernels.ChunkRows - 1) / TileCovarianceProcessorKernels.ChunkRows;
        int wanted = ((PartsPerCore * stream.Accelerator.Properties.Multiprocessors) + count - 1) / count;
        size.Parts = Math.Clamp(wanted, 1, Math.Max(1, chunks / 2));
        int groups = count * size.Parts;
        using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(groups * TileCovarianceProcessorKernels.Elements(size.TileSize)));
        if (patches is TilePatchSize patch)
        {
            stream.Launch(new KernelConfig(groups, 1), new TileCovarianceProcessorKernels.PatchRowsKernel(x, scratch.View, size, patch));
        }
        else
        {
            stream.Launch(new KernelConfig(groups, 1), new TileCovarianceProcessorKernels.StoredRowsKernel(x, scratch.View, size));
        }

        stream.Launch(new KernelConfig(count, 1), new TileCovarianceProcessorKernels.TotalKernel(scratch.View, tiles, size));
    }
}
