using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Matrix products on an accelerator: chooses kernel, block and grid, and brings the scratch memory.</summary>
public static class GemmLaunch
{
    // Steps that a processor packs at a time: a panel of b of that many then stays in the second-level cache.
    private const int PackedDepth = 1024;

    private const int CombineThreads = 256;

    /// <summary>c = alpha a b + beta c (+ bias), for every matrix of a batch of two axes.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="a">From element (0, 0) of the first matrix on, as far as strides reach.</param>
    /// <param name="b">From element (0, 0) of the first matrix on, as far as strides reach.</param>
    /// <param name="c">From element (0, 0) of the first matrix on; must not overlap a, b or bias.</param>
    /// <param name="bias">One number per column, an empty view if there is none.</param>
    /// <param name="sizes">Rows, columns, depth, batch extents, strides, alpha and beta; the rest is set here.</param>
    /// <param name="precision">What a and b may be rounded to where that is faster.</param>
    public static void Multiply(
        AcceleratorStream stream,
        ArrayView<float> a,
        ArrayView<float> b,
        ArrayView<float> c,
        ArrayView<float> bias,
        in GemmSizes sizes,
        MatMulPrecision precision = MatMulPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(stream);
        GemmSizes folded = Fold(sizes);
        if (stream.Accelerator.Properties.IsProcessor && folded.Columns == 1 && folded.CRow == 1 && !bias.IsValid)
        {
            // A column is a row of the transposed product, whose elements a processor computes 32 at a time.
            Multiply(stream, b, a, c, bias, Transposed(folded), GemmPlan.Choose(stream.Accelerator.Properties, Transposed(folded), precision));
            return;
        }

        Multiply(stream, a, b, c, bias, folded, GemmPlan.Choose(stream.Accelerator.Properties, folded, precision));
    }

    /// <summary>As above, in a way that is given.</summary>
    /// <exception cref="ArgumentException">The device cannot run the plan's kernel.</exception>
    public static void Multiply(
        AcceleratorStream stream, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, in GemmSizes sizes, in GemmPlan plan)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (sizes.Rows <= 0 || sizes.Columns <= 0 || sizes.Inner <= 0 || sizes.Outer <= 0)
        {
            return;
        }

        GemmSizes full = sizes;
        full.HasBias = bias.IsValid ? 1 : 0;
        full.StoresWide = StoresWide(c, sizes) ? 1 : 0;
        (full.Splits, full.SplitDepth) = plan.Split(sizes.Depth);

        // What is not read must still be memory of the device.
        ArrayView<float> left = sizes.Depth > 0 ? a : c;
        ArrayView<float> right = sizes.Depth > 0 ? b : c;
        ArrayView<float> added = bias.IsValid ? bias : left;
        if (plan.Method == GemmMethod.Panels)
        {
            LaunchPanels(stream, left, right, c, added, full, plan);
        }
        else if (full.Splits > 1)
        {
            LaunchSplit(stream, left, right, c, added, full, plan);
        }
        else
        {
            Launch(stream, left, right, c, added, full, plan);
        }
    }

    /// <summary>How an operand lies in memory, for kernels that copy it in pieces of 16 bytes: one of the layouts of <see cref="GemmKernels"/>.</summary>
    private static int Layout(ArrayView<float> x, int lanes, long laneStride, int steps, long stepStride, in GemmSizes sizes, long inner, long outer)
    {
        bool aligned = x.OffsetInBytes % 16 == 0 && (sizes.Inner == 1 || inner % 4 == 0) && (sizes.Outer == 1 || outer % 4 == 0);
        if (aligned && stepStride == 1 && (lanes == 1 || laneStride % 4 == 0))
        {
            return GemmKernels.StepsAdjoin;
        }

        return aligned && laneStride == 1 && (steps == 1 || stepStride % 4 == 0) ? GemmKernels.LanesAdjoin : GemmKernels.AnyStrides;
    }

    private static bool StoresWide(ArrayView<float> c, in GemmSizes sizes) =>
        c.OffsetInBytes % 16 == 0 && (sizes.Rows == 1 || sizes.CRow % 4 == 0) && (sizes.Inner == 1 || sizes.CInner % 4 == 0) && (sizes.Outer == 1 || sizes.COuter % 4 == 0);

    private static void Launch(
        AcceleratorStream stream, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, in GemmSizes sizes, in GemmPlan plan)
    {
        KernelConfig config = new(checked((int)plan.Groups(sizes, sizes.Splits)), plan.Threads, plan.SharedBytes);
        int layoutA = Layout(a, sizes.Rows, sizes.ARow, sizes.Depth, sizes.AStep, sizes, sizes.AInner, sizes.AOuter);
        int layoutB = Layout(b, sizes.Columns, sizes.BColumn, sizes.Depth, sizes.BStep, sizes, sizes.BInner, sizes.BOuter);
        SpecializedValue<int> rows = new(plan.BlockRows);
        SpecializedValue<int> columns = new(plan.BlockColumns);
        SpecializedValue<int> tile = new(plan.ThreadTile);
        switch (plan.Method)
        {
            case GemmMethod.Tiled:
                stream.Launch(config, new GemmKernels.TiledKernel(a, b, c, bias, sizes, rows, columns, tile));
                break;
            case GemmMethod.Async:
                SpecializedValue<int> wideA = new(layoutA == GemmKernels.LanesAdjoin ? 1 : 0);
                SpecializedValue<int> wideB = new(layoutB == GemmKernels.LanesAdjoin ? 1 : 0);
                if (plan.ThreadTile > 8)
                {
                    stream.Launch(config, new GemmKernels.AsyncLargeKernel(a, b, c, bias, sizes, rows, columns, wideA, wideB));
                }
                else
                {
                    stream.Launch(config, new GemmKernels.AsyncKernel(a, b, c, bias, sizes, rows, columns, tile, wideA, wideB));
                }

                break;
            case GemmMethod.TensorFloat32 or GemmMethod.BFloat16:
                // One operand that must be copied float by float outweighs what the other saves, so that fewer variants do.
                bool any = layoutA == GemmKernels.AnyStrides || layoutB == GemmKernels.AnyStrides;
                SpecializedValue<int> left = new(any ? GemmKernels.AnyStrides : layoutA);
                SpecializedValue<int> right = new(any ? GemmKernels.AnyStrides : layoutB);
                SpecializedValue<int> bfloat16 = new(plan.Method == GemmMethod.BFloat16 ? 1 : 0);
                stream.Launch(config, new GemmKernels.TensorCoresKernel(a, b, c, bias, sizes, rows, columns, left, right, bfloat16));
                break;
            default:
                stream.Launch(config, new GemmKernels.DirectKernel(a, b, c, bias, sizes, rows));
                break;
        }
    }

    /// <summary>Parts of the sums into scratch memory, then their sum into c.</summary>
    private static void LaunchSplit(
        AcceleratorStream stream, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, in GemmSizes sizes, in GemmPlan plan)
    {
        GemmSizes parts = sizes;
        parts.CRow = sizes.Columns;
        parts.CInner = (long)sizes.Rows * sizes.Columns;
        parts.COuter = parts.CInner * sizes.Inner;
        parts.CSplit = parts.COuter * sizes.Outer;
        parts.Alpha = 1;
        parts.Beta = 0;
        parts.HasBias = 0;
        parts.StoresWide = sizes.Columns % 4 == 0 ? 1 : 0;
        using MemoryBuffer scratch = stream.Accelerator.Allocate(parts.CSplit * sizes.Splits * sizeof(float));
        ArrayView<float> results = scratch.View<float>();
        Launch(stream, a, b, results, bias, parts, plan);
        stream.Launch(KernelConfig.Cover(parts.CSplit, CombineThreads), new GemmKernels.CombineKernel(results, c, bias, sizes));
    }

    private static void LaunchPanels(
        AcceleratorStream stream, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> bias, in GemmSizes sizes, in GemmPlan plan)
    {
        int passes = Math.Max(1, (sizes.Depth + PackedDepth - 1) / PackedDepth);
        int steps = (sizes.Depth + passes - 1) / passes;
        Packing left = new(sizes.Rows, steps, sizes.ARow, sizes.AStep, sizes.Inner, sizes.Outer, sizes.AInner, sizes.AOuter, GemmKernels.PanelRows);
        Packing right = new(sizes.Columns, steps, sizes.BColumn, sizes.BStep, sizes.Inner, sizes.Outer, sizes.BInner, sizes.BOuter, GemmKernels.PanelColumns);
        using MemoryBuffer leftScratch = stream.Accelerator.Allocate(left.Elements * sizeof(float));
        using MemoryBuffer rightScratch = stream.Accelerator.Allocate(right.Elements * sizeof(float));
        for (int pass = 0; pass < passes; pass++)
        {
            int from = pass * steps;
            GemmSizes part = sizes;
            part.Depth = Math.Min(steps, sizes.Depth - from);
            part.SplitDepth = Math.Max(1, part.Depth);
            if (pass > 0)
            {
                part.Beta = 1;
                part.HasBias = 0;
            }

            (part.AInner, part.AOuter) = (left with { Steps = part.Depth }).Strides;
            (part.BInner, part.BOuter) = (right with { Steps = part.Depth }).Strides;
            (left with { Steps = part.Depth }).Launch(stream, a, from * sizes.AStep, leftScratch.View<float>());
            (right with { Steps = part.Depth }).Launch(stream, b, from * sizes.BStep, rightScratch.View<float>());
            KernelConfig config = new(checked((int)plan.Groups(part, splits: 1)), plan.Threads);
            stream.Launch(config, new GemmKernels.PanelsKernel(leftScratch.View<float>(), rightScratch.View<float>(), c, bias, part));
        }
    }

    /// <summary>Matrices of a batch that share b and go on from one to the next are one tall matrix; a batch of one axis is the inner one.</summary>
    private static GemmSizes Fold(GemmSizes sizes)
    {
        for (int axis = 0; axis < 2; axis++)
        {
            if (sizes.Inner == 1)
            {
                (sizes.Inner, sizes.AInner, sizes.BInner, sizes.CInner) = (sizes.Outer, sizes.AOuter, sizes.BOuter, sizes.COuter);
                sizes.Outer = 1;
            }

            bool goesOn = sizes.BInner == 0 && sizes.AInner == sizes.Rows * sizes.ARow && sizes.CInner == sizes.Rows * sizes.CRow;
            if (sizes.Inner > 1 && goesOn && (long)sizes.Rows * sizes.Inner <= int.MaxValue)
            {
                sizes.Rows *= sizes.Inner;
                sizes.Inner = 1;
            }
        }

        return sizes;
    }

    /// <summary>The product with a and b exchanged and transposed, for a column c whose elements are neighbours.</summary>
    private static GemmSizes Transposed(GemmSizes sizes)
    {
        (sizes.Rows, sizes.Columns) = (sizes.Columns, sizes.Rows);
        (sizes.ARow, sizes.AStep, sizes.BStep, sizes.BColumn) = (sizes.BColumn, sizes.BStep, sizes.AStep, sizes.ARow);
        (sizes.AInner, sizes.BInner) = (sizes.BInner, sizes.AInner);
        (sizes.AOuter, sizes.BOuter) = (sizes.BOuter, sizes.AOuter);
        sizes.CRow = sizes.Columns;
        return sizes;
    }

    /// <summary>An operand on its way into panels. Axes of the batch along which it does not move are packed once.</summary>
    private readonly record struct Packing(
        int Lanes, int Steps, long LaneStride, long StepStride, int Inner, int Outer, long InnerStride, long OuterStride, int Width)
    {
        /// <summary>Elements of all panels.</summary>
        public long Elements => Math.Max(1, One * PackedInner * PackedOuter);

        /// <summary>Distances between packed matrices along the batch axes.</summary>
        public (long Inner, long Outer) Strides => (InnerStride == 0 ? 0 : One, OuterStride == 0 ? 0 : One * PackedInner);

        private int PackedInner => InnerStride == 0 ? 1 : Inner;

        private int PackedOuter => OuterStride == 0 ? 1 : Outer;

        private long One => (Lanes + Width - 1L) / Width * Width * Steps;

        public void Launch(AcceleratorStream stream, ArrayView<float> x, long offset, ArrayView<float> panels)
        {
            long across = (Lanes + GemmKernels.PackLanes - 1) / GemmKernels.PackLanes;
            long along = (Steps + GemmKernels.PackSteps - 1) / GemmKernels.PackSteps;
            int groups = checked((int)(across * along * PackedInner * PackedOuter));
            if (groups > 0)
            {
                stream.Launch(
                    new KernelConfig(groups, 1),
                    new GemmKernels.PackKernel(x.SubView(offset), panels, Lanes, Steps, LaneStride, StepStride, PackedInner, InnerStride, OuterStride, new SpecializedValue<int>(Width)));
            }
        }
    }
}
