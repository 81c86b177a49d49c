using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Diagonal tiles of X^T X on an accelerator: decides how rows are shared out and brings scratch memory. Nothing waits.</summary>
public static class TileCovarianceLaunch
{
    private const int TriangleThreads = 160;
    private const int SharedBudgetBytes = 40 * 1024;
    private const int AsyncBudgetBytes = 64 * 1024;

    // Groups that a multiprocessor should have, and the fewest steps of 8 rows that are worth a group of their own.
    private const int GroupsPerMultiprocessor = 3;
    private const int FewestSteps = 4;

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
        TileCovarianceMethod method = TileCovarianceMethod.Automatic) =>
        Accumulate(stream, x, rowStride, rows, dimension, tileSize, scale, decay, tiles, method, null);

    /// <summary>The same for the patches of a convolution, which are never written down.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="images">(batch, channels, height, width), contiguous.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    /// <param name="method">Which kernels.</param>
    public static void Accumulate(
        AcceleratorStream stream,
        ArrayView<float> images,
        in TilePatches patches,
        int tileSize,
        double scale,
        double decay,
        ArrayView<float> tiles,
        TileCovarianceMethod method = TileCovarianceMethod.Automatic) =>
        Accumulate(stream, images, 0, checked(patches.Batch * patches.Positions), patches.Columns, tileSize, scale, decay, tiles, method, TilePatchSize.Of(patches));

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
            AcceleratorProperties device = stream.Accelerator.Properties;
            method = device.IsProcessor ? TileCovarianceMethod.Lanes
                : device.ComputeCapability >= 80 ? TileCovarianceMethod.AsyncBlocks
                : TileCovarianceMethod.Blocks;
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
        bool async = wide && method == TileCovarianceMethod.AsyncBlocks;
        int budget = Math.Min(async ? AsyncBudgetBytes : SharedBudgetBytes, stream.Accelerator.Properties.MaxSharedBytes);
        size.Teams = Teams(size, patches is not null, async, budget);
        Launch(stream, source, tiles, size, count, patches, TriangleThreads, wide, async);
        if (size.Pieces > 1)
        {
            size.Squares = 1;
            size.PairsPerTile = size.Pieces * (size.Pieces - 1) / 2;
            size.Teams = 1;
            Launch(stream, source, tiles, size, count, patches, TileCovarianceKernels.GroupThreads, wide, async);
        }
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
        int pairs = count * size.PairsPerTile;
        int rowsPerStep = size.Teams * TileRegisters.PanelRows;
        int steps = (int)(((long)size.Rows + rowsPerStep - 1) / rowsPerStep);
        int wanted = ((GroupsPerMultiprocessor * stream.Accelerator.Properties.Multiprocessors) + pairs - 1) / pairs;
        size.Parts = Math.Clamp(wanted, 1, Math.Max(1, steps / FewestSteps));
        int blocks = TileCovarianceKernels.BlocksOf(size);
        KernelConfig config = new(checked(pairs * size.Parts), threads, TileCovarianceKernels.SharedWords(size, patches is not null, async) * sizeof(float));
        if (size.Parts == 1)
        {
            Launch(stream, config, x, tiles, tiles, size, patches, wide, async);
            return;
        }

        using MemoryBuffer<float> partial = stream.Accelerator.Allocate<float>(checked(pairs * size.Parts * blocks * TileRegisters.BlockElements));
        Launch(stream, config, x, tiles, partial.View, size, patches, wide, async);
        stream.Launch(new KernelConfig(pairs * blocks, TileCovarianceKernels.TotalThreads), new TileCovarianceKernels.TotalKernel(partial.View, tiles, size));
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
