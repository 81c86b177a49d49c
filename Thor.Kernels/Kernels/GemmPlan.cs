using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>How a matrix product is computed. The choice depends on sizes and device alone, so that the same product has the same bits every time.</summary>
/// <param name="Method">The kernel.</param>
/// <param name="BlockRows">Rows of c per group.</param>
/// <param name="BlockColumns">Columns of c per group.</param>
/// <param name="ThreadTile">Rows of a thread, and columns up to 8, where the kernel asks.</param>
/// <param name="Splits">Parts that the sums are cut into, which a second pass adds up.</param>
public readonly record struct GemmPlan(GemmMethod Method, int BlockRows, int BlockColumns, int ThreadTile, int Splits = 1)
{
    // Parts of the sums are whole blocks of every kernel, and not so short that their results outweigh them.
    private const int SplitGrain = 32;
    private const int ShortestSplit = 128;
    private const int MostSplits = 32;

    // Multiply-adds of all products, and rows, up to which a processor does not pack: while columns of b are neighbours, and else, where it gathers them.
    private const double FewMultiplyAdds = 1 << 20;
    private const double FewGathered = 1 << 15;
    private const int FewRows = 32;
    private const int FewRowsGathered = 4;

    // Fitted, as the rates below, to times of all plans on an H200 of the products that thor micro measures; what is chosen by them takes 0.5 % more
    // than the best plan in the mean. Clock cycles of a multiprocessor: for filling a block's first stages and writing its result, for a second pass,
    // and for an element of a part of the sums, written and read again.
    private const double BlockCycles = 3600;
    private const double PassCycles = 3400;
    private const double PartCycles = 0.5;

    // Rows or columns below which a product leaves most of a tensor core's block empty.
    private const int FewForTensorCores = 33;

    // Largest blocks first. Kept, because a product asks for them every time.
    private static readonly GemmPlan[][] s_plans =
    [
        [new(GemmMethod.Tiled, 128, 128, 8), new(GemmMethod.Tiled, 64, 64, 8), new(GemmMethod.Tiled, 32, 32, 4)],
        [new(GemmMethod.Async, 256, 128, 16), new(GemmMethod.Async, 128, 128, 8), new(GemmMethod.Async, 64, 64, 8), new(GemmMethod.Async, 32, 32, 4)],
        [new(GemmMethod.TensorFloat32, 128, 256, 0), new(GemmMethod.TensorFloat32, 128, 128, 0)],
        [new(GemmMethod.BFloat16, 128, 256, 0), new(GemmMethod.BFloat16, 128, 128, 0)],
        [new(GemmMethod.Panels, GemmKernels.PanelRows, GemmKernels.PanelColumns, 0)],
        [new(GemmMethod.Direct, 4, GemmKernels.DirectColumns, 0), new(GemmMethod.Direct, 1, GemmKernels.DirectColumns, 0)],
    ];

    /// <summary>The plans worth trying for a method, largest blocks first.</summary>
    public static IReadOnlyList<GemmPlan> Of(GemmMethod method) => s_plans[(int)method];

    /// <summary>Whether a device can run a method.</summary>
    public static bool Supports(AcceleratorProperties device, GemmMethod method)
    {
        ArgumentNullException.ThrowIfNull(device);
        return method switch
        {
            GemmMethod.Async or GemmMethod.TensorFloat32 or GemmMethod.BFloat16 => device.ComputeCapability >= 80,
            _ => true,
        };
    }

    /// <summary>The plan for products of some sizes on a device.</summary>
    public static GemmPlan Choose(AcceleratorProperties device, in GemmSizes sizes, MatMulPrecision precision)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.IsProcessor)
        {
            double work = (double)sizes.Rows * sizes.Columns * sizes.Depth * sizes.Inner * sizes.Outer;
            bool adjoin = sizes.BColumn == 1;
            bool packs = sizes.Rows > (adjoin ? FewRows : FewRowsGathered) && work > (adjoin ? FewMultiplyAdds : FewGathered);
            return packs ? Of(GemmMethod.Panels)[0] : Of(GemmMethod.Direct)[sizes.Rows == 1 ? 1 : 0];
        }

        GemmMethod method = Supports(device, GemmMethod.Async) ? GemmMethod.Async : GemmMethod.Tiled;
        bool fillsTensorCores = Math.Min(sizes.Rows, sizes.Columns) >= FewForTensorCores && sizes.Depth >= GemmKernels.TensorDepth;
        if (precision != MatMulPrecision.Float32 && fillsTensorCores && Supports(device, GemmMethod.TensorFloat32))
        {
            method = precision == MatMulPrecision.BFloat16 ? GemmMethod.BFloat16 : GemmMethod.TensorFloat32;
        }

        GemmPlan best = default;
        double least = double.PositiveInfinity;
        foreach (GemmPlan shape in s_plans[(int)method])
        {
            if (!shape.Fits(device))
            {
                continue;
            }

            for (int splits = 1; splits == 1 || (splits <= MostSplits && sizes.Depth >= splits * ShortestSplit); splits *= 2)
            {
                GemmPlan plan = shape with { Splits = splits };
                double cycles = plan.Cycles(device, sizes);
                if (cycles < least)
                {
                    least = cycles;
                    best = plan;
                }
            }
        }

        return best;
    }

    /// <summary>Threads of a group.</summary>
    public int Threads => Method switch
    {
        GemmMethod.Tiled or GemmMethod.Async => BlockRows * BlockColumns / (ThreadTile * Math.Min(ThreadTile, 8)),
        GemmMethod.TensorFloat32 or GemmMethod.BFloat16 => BlockRows * BlockColumns / 128,
        _ => 1,
    };

    /// <summary>Bytes of dynamic shared memory of a group.</summary>
    public int SharedBytes => Method switch
    {
        GemmMethod.Async => GemmKernels.AsyncStages * GemmKernels.AsyncDepth * (BlockRows + BlockColumns + 8) * sizeof(float),
        GemmMethod.TensorFloat32 or GemmMethod.BFloat16 => GemmKernels.TensorStages * GemmKernels.TensorDepth * (BlockRows + BlockColumns) * sizeof(float),
        _ => 0,
    };

    /// <summary>Whether a device can run the method, with so many threads and so much shared memory in a group.</summary>
    public bool Fits(AcceleratorProperties device) =>
        Supports(device, Method) && Threads <= device.MaxGroupThreads && SharedBytes <= device.MaxSharedBytes;

    // Multiply-adds of a busy multiprocessor in a cycle.
    private double Rate => (Method, BlockRows, BlockColumns) switch
    {
        (GemmMethod.TensorFloat32, _, 256) => 268,
        (GemmMethod.TensorFloat32, _, _) => 285,
        (GemmMethod.BFloat16, _, 256) => 475,
        (GemmMethod.BFloat16, _, _) => 515,
        (_, 256, _) => 87,
        (_, 128, _) => 74,
        (_, 64, _) => 76,
        _ => 61,
    };

    // Groups that a multiprocessor holds at a time.
    private int Residents => (Method, BlockRows, BlockColumns) switch
    {
        (GemmMethod.TensorFloat32 or GemmMethod.BFloat16, _, 256) => 1,
        (_, 256, _) => 1,
        (_, 128, _) => 2,
        (_, 64, _) => 8,
        _ => 16,
    };

    // Groups of a multiprocessor that keep its arithmetic busy.
    private double BusyGroups => (Method, BlockRows, BlockColumns) switch
    {
        (GemmMethod.TensorFloat32 or GemmMethod.BFloat16, _, 256) => 1,
        (GemmMethod.TensorFloat32 or GemmMethod.BFloat16, _, _) => 1.35,
        (_, 64, _) => 4.2,
        (_, 32, _) => 3.2,
        _ => 1,
    };

    /// <summary>How many parts of the sums there are, and the steps of one.</summary>
    public (int Splits, int Depth) Split(int depth)
    {
        int part = Math.Max(1, (depth + Splits - 1) / Splits);
        part = Splits == 1 ? Math.Max(1, depth) : (part + SplitGrain - 1) / SplitGrain * SplitGrain;
        return (Math.Max(1, (depth + part - 1) / part), part);
    }

    /// <summary>Groups of a launch for so many parts of the sums.</summary>
    public long Groups(in GemmSizes sizes, int splits)
    {
        long down = (sizes.Rows + BlockRows - 1L) / BlockRows;
        long across = (sizes.Columns + BlockColumns - 1L) / BlockColumns;
        return down * across * sizes.Inner * sizes.Outer * splits;
    }

    // How long the multiprocessor with the most groups takes.
    private double Cycles(AcceleratorProperties device, in GemmSizes sizes)
    {
        (int splits, int depth) = Split(sizes.Depth);
        double groups = Math.Ceiling(Groups(sizes, splits) / (double)Math.Max(1, device.Multiprocessors));
        double rate = Rate * Math.Min(1, Math.Min(groups, Residents) / BusyGroups);
        double cycles = (groups * BlockRows * BlockColumns * depth / rate) + (Math.Ceiling(groups / Residents) * BlockCycles);
        if (splits == 1)
        {
            return cycles;
        }

        double elements = (double)sizes.Rows * sizes.Columns * sizes.Inner * sizes.Outer;
        return cycles + PassCycles + (elements * splits * PartCycles / Math.Max(1, device.Multiprocessors));
    }
}
