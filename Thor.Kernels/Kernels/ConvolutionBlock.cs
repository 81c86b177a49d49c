using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>The block of results that a group of a convolution computes.</summary>
/// <param name="ThreadRows">Rows of threads.</param>
/// <param name="RowsPerThread">Rows that each owns.</param>
internal readonly record struct ConvolutionBlock(int ThreadRows, int RowsPerThread)
{
    // Groups that keep a large GPU busy.
    private const int EnoughGroups = 256;

    /// <summary>All blocks: by falling use of what is loaded.</summary>
    public static IReadOnlyList<ConvolutionBlock> All { get; } = [new(16, 8), new(16, 4), new(8, 4), new(4, 4)];

    /// <summary>Rows of the block.</summary>
    public int Rows => ThreadRows * RowsPerThread;

    /// <summary>Columns of the block.</summary>
    public int Columns => ConvolutionKernels.GroupSize / ThreadRows * ConvolutionKernels.ColumnsPerThread;

    /// <summary>Threads of a group.</summary>
    public Index3D Group => (ConvolutionKernels.GroupSize / ThreadRows, ThreadRows);

    /// <summary>The block that computes least beside a result of some rows and columns, at about equal cost the one that uses more often what it loads.</summary>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depths">How many such results, or parts of their sums, there are.</param>
    public static ConvolutionBlock For(int rows, int columns, int depths)
    {
        ConvolutionBlock best = All[^1];
        double least = double.PositiveInfinity;
        double handicap = 1;
        foreach (ConvolutionBlock block in All)
        {
            Index3D grid = block.Grid(rows, columns, depths);
            double cost = (double)grid.X * grid.Y * block.Rows * block.Columns * handicap;
            bool busy = block.RowsPerThread == 4 || (long)grid.X * grid.Y * grid.Z >= EnoughGroups;
            if (busy && cost < least)
            {
                least = cost;
                best = block;
            }

            handicap *= 1.15;
        }

        return best;
    }

    /// <summary>Groups that cover a result.</summary>
    public Index3D Grid(int rows, int columns, int depths) => new((columns + Columns - 1) / Columns, (rows + Rows - 1) / Rows, depths);

    /// <summary>The launch that covers a result.</summary>
    public KernelConfig Config(int rows, int columns, int depths) => new(Grid(rows, columns, depths), Group);
}
