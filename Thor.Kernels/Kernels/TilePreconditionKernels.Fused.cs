namespace Thor.Kernels.Kernels;

/// <content>
/// All layers in one launch, on CUDA: a group of 256 threads does one block of any layer, both products one after the other; the half
/// product stays in shared memory. 64 KiB for it and 40 KiB for four sets of panels, three of which are on their way while one is multiplied, so that
/// two groups share a multiprocessor. Layers lie in buffers of their own and are reached by address.
/// </content>
internal static partial class TilePreconditionKernels
{
    // Quads of the half product: rows of 128 columns in two half rows. A warp reads few different ones, so that banks do not matter.
    private const int HalfProductHalf = Piece / 8;
    private const int HalfProductPitch = 2 * HalfProductHalf;
    private const int HalfProduct = Piece * HalfProductPitch;

    private const int Sets = 4;

    /// <summary>Bytes of shared memory of <see cref="ApplyAll"/>.</summary>
    internal const int FusedSharedBytes = (HalfProduct + (Sets * 2 * Panel)) * 16;

    /// <summary>
    /// Block (i, j) of each result = scale * left tile i * block (i, j) of the gradient * right tile j, for tiles of at most 128; with an update
    /// the result is the parameter, which moves along that block.
    /// </summary>
    /// <param name="tasks">The layers.</param>
    /// <param name="owners">The layer of each group.</param>
    /// <param name="partial">A sum of result times gradient per group, if wanted; else any view.</param>
    /// <param name="innerProducts">Not 0 if they are wanted.</param>
    /// <param name="scale">As in <see cref="UpdateKernels.Update"/>.</param>
    /// <param name="numbers">Of the update.</param>
    /// <param name="rule">UpdateRule.Momentum, UpdateKernels.Descent or UpdateKernels.None.</param>
    [Kernel(MaxGroupSize = GroupThreads, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(0), KernelVariants(UpdateKernels.Descent), KernelVariants(UpdateKernels.None)]
    public static void ApplyAll(
        ReadOnlyView<TilePreconditionTask> tasks,
        ReadOnlyView<int> owners,
        ArrayView<float> partial,
        int innerProducts,
        ReadOnlyView<float> scale,
        UpdateNumbers numbers,
        SpecializedValue<int> rule)
    {
        ArrayView<FloatX4> shared = SharedMemory.GetDynamic<FloatX4>();
        ArrayView<float> own = LocalMemory.Allocate<float>(BlockElements);
        TilePreconditionTask task = tasks[owners[Grid.IdxX]];
        int block = Grid.IdxX - task.FirstGroup;
        int i = block / task.Across;
        int j = block % task.Across;
        int m = Group.Uniform(XMath.Min(task.TileSize, task.Rows - (i * task.TileSize)));
        int n = Group.Uniform(XMath.Min(task.TileSize, task.Columns - (j * task.TileSize)));
        long area = (long)task.TileSize * task.TileSize;
        long corner = ((long)i * task.TileSize * task.Columns) + ((long)j * task.TileSize);
        ulong gradient = task.Gradient + ((ulong)corner * sizeof(float));
        ulong result = task.Result + ((ulong)corner * sizeof(float));
        ulong velocity = task.Velocity + ((ulong)corner * sizeof(float));
        ulong left = task.Left + ((ulong)(i * area) * sizeof(float));
        ulong right = task.Right + ((ulong)(j * area) * sizeof(float));
        int down = Group.IdxX / PieceBlocks;
        int across = Group.IdxX % PieceBlocks;

        // Half = g^T L: a row for each column of the block.
        bool wideLeft = (task.Wide & 2) != 0 && m % 4 == 0;
        bool wideRight = (task.Wide & 4) != 0 && n % 4 == 0;
        TileRegisters.Clear(own);
        for (int step = 0; step < (Sets - 1) * PanelRows; step += PanelRows)
        {
            Fill(gradient, step, m, task.Columns, n, shared, SetOf(step), (task.Wide & 1) != 0);
            Fill(left, step, m, m, m, shared, SetOf(step) + Panel, wideLeft);
            PtxAsyncCopy.Commit();
        }

        for (int step = 0; step < m; step += PanelRows)
        {
            // This step's set is there; the one that comes next but two takes the place of the last, which all have multiplied.
            PtxAsyncCopy.WaitAllBut2();
            Group.Barrier();
            int next = step + ((Sets - 1) * PanelRows);
            Fill(gradient, next, m, task.Columns, n, shared, SetOf(next), (task.Wide & 1) != 0);
            Fill(left, next, m, m, m, shared, SetOf(next) + Panel, wideLeft);
            PtxAsyncCopy.Commit();
            int from = SetOf(step);
            TileRegisters.Accumulate(shared, from + down, Pitch, Half, from + Panel + across, Pitch, Half, own);
        }

        // Of the right tile the first sets are on their way while the half product is written.
        Group.Barrier();
        for (int step = 0; step < (Sets - 1) * PanelRows; step += PanelRows)
        {
            Fill(right, step, n, n, n, shared, SetOf(step), wideRight);
            PtxAsyncCopy.Commit();
        }

        for (int r = 0; r < Block; r++)
        {
            int e = r * Block;
            int at = (((down * Block) + r) * HalfProductPitch) + across;
            shared[at] = new FloatX4(own[e], own[e + 1], own[e + 2], own[e + 3]);
            shared[at + HalfProductHalf] = new FloatX4(own[e + 4], own[e + 5], own[e + 6], own[e + 7]);
        }

        // Rows of the half beyond the block are products of zeros, and so whole panels of it may be multiplied.
        TileRegisters.Clear(own);
        for (int step = 0; step < n; step += PanelRows)
        {
            PtxAsyncCopy.WaitAllBut2();
            Group.Barrier();
            int next = step + ((Sets - 1) * PanelRows);
            Fill(right, next, n, n, n, shared, SetOf(next), wideRight);
            PtxAsyncCopy.Commit();
            TileRegisters.Accumulate(
                shared, (step * HalfProductPitch) + down, HalfProductPitch, HalfProductHalf, SetOf(step) + across, Pitch, Half, own);
        }

        float factor = UpdateKernels.Factor(numbers, scale);
        float sum = 0f;
        for (int r = 0; r < Block; r++)
        {
            int row = (down * Block) + r;
            if (row < m)
            {
                long at = ((long)row * task.Columns) + (across * Block);
                int count = n - (across * Block);
                int e = r * Block;
                FloatX4 low = task.Scale * new FloatX4(own[e], own[e + 1], own[e + 2], own[e + 3]);
                FloatX4 high = task.Scale * new FloatX4(own[e + 4], own[e + 5], own[e + 6], own[e + 7]);
                bool wide = (task.Wide & 1) != 0;
                ulong near = (ulong)at * sizeof(float);
                ulong far = (ulong)(at + 4) * sizeof(float);
                if (rule.Value == UpdateKernels.None)
                {
                    StoreQuad(result + near, count, wide, low);
                    StoreQuad(result + far, count - 4, wide, high);
                }
                else if (!XMath.IsNaN(factor))
                {
                    MoveQuad(rule.Value, numbers, factor * low, result + near, velocity + near, count, wide);
                    MoveQuad(rule.Value, numbers, factor * high, result + far, velocity + far, count - 4, wide);
                }

                if (innerProducts != 0)
                {
                    FloatX4 g = LoadQuad(gradient + near, count, wide);
                    FloatX4 h = LoadQuad(gradient + far, count - 4, wide);
                    sum = Fused.MultiplyAdd(low.X, g.X, Fused.MultiplyAdd(low.Y, g.Y, Fused.MultiplyAdd(low.Z, g.Z, Fused.MultiplyAdd(low.W, g.W, sum))));
                    sum = Fused.MultiplyAdd(high.X, h.X, Fused.MultiplyAdd(high.Y, h.Y, Fused.MultiplyAdd(high.Z, h.Z, Fused.MultiplyAdd(high.W, h.W, sum))));
                }
            }
        }

        ArrayView<float> sums = shared.Cast<float>();
        Group.Barrier();
        sums[Group.IdxX] = sum;
        AddUp(sums, GroupThreads);
        if (innerProducts != 0 && Group.IdxX == 0)
        {
            partial[Grid.IdxX] = sums[0];
        }
    }

    /// <summary>Updates up to 4 parameters and their velocities, which lie at addresses.</summary>
    private static void MoveQuad(int rule, UpdateNumbers numbers, FloatX4 gradient, ulong parameter, ulong velocity, int count, bool wide)
    {
        FloatX4 p = LoadQuad(parameter, count, wide);
        FloatX4 v = FloatX4.Splat(0f);
        if (UpdateKernels.KeepsFirst(rule))
        {
            v = LoadQuad(velocity, count, wide);
        }

        UpdatedElement e0 = UpdateKernels.Step(rule, numbers, gradient.X, p.X, v.X, 0f);
        UpdatedElement e1 = UpdateKernels.Step(rule, numbers, gradient.Y, p.Y, v.Y, 0f);
        UpdatedElement e2 = UpdateKernels.Step(rule, numbers, gradient.Z, p.Z, v.Z, 0f);
        UpdatedElement e3 = UpdateKernels.Step(rule, numbers, gradient.W, p.W, v.W, 0f);
        StoreQuad(parameter, count, wide, new FloatX4(e0.Parameter, e1.Parameter, e2.Parameter, e3.Parameter));
        if (UpdateKernels.KeepsFirst(rule))
        {
            StoreQuad(velocity, count, wide, new FloatX4(e0.First, e1.First, e2.First, e3.First));
        }
    }

    /// <summary>The set of panels of a step.</summary>
    private static int SetOf(int step) => HalfProduct + (step / PanelRows % Sets * 2 * Panel);

    /// <summary>Starts to copy 8 rows of up to 128 columns by address, zeros beyond; copies at once where rows do not begin at multiples of 16 bytes.</summary>
    private static void Fill(ulong x, int step, int rows, int stride, int columns, ArrayView<FloatX4> shared, int into, bool wide)
    {
        int row = Group.IdxX / (Piece / 4);
        int quad = Group.IdxX % (Piece / 4);
        int count = step + row < rows ? columns - (4 * quad) : 0;
        int place = into + (row * Pitch) + (quad / 2) + (quad % 2 * Half);
        ulong address = count > 0 ? x + ((ulong)(((long)(step + row) * stride) + (4 * quad)) * sizeof(float)) : x;
        if (wide)
        {
            PtxMemory.CopyAsync(shared.Cast<float>().SubView(4 * place, 4), address, XMath.Max(0, XMath.Min(16, 4 * count)));
        }
        else
        {
            shared[place] = LoadQuad(address, count, wide: false);
        }
    }

    /// <summary>Up to 4 floats, zeros behind them.</summary>
    private static FloatX4 LoadQuad(ulong address, int count, bool wide)
    {
        FloatX4 value = FloatX4.Splat(0f);
        float x = 0f;
        float y = 0f;
        float z = 0f;
        float w = 0f;
        if (wide && count >= 4)
        {
            PtxMemory.Load4(ref x, ref y, ref z, ref w, address);
        }
        else
        {
            if (count > 0)
            {
                PtxMemory.Load(ref x, address);
            }

            if (count > 1)
            {
                PtxMemory.Load(ref y, address + 4);
            }

            if (count > 2)
            {
                PtxMemory.Load(ref z, address + 8);
            }

            if (count > 3)
            {
                PtxMemory.Load(ref w, address + 12);
            }
        }

        value.X = x;
        value.Y = y;
        value.Z = z;
        value.W = w;
        return value;
    }

    private static void StoreQuad(ulong address, int count, bool wide, FloatX4 value)
    {
        if (wide && count >= 4)
        {
            PtxMemory.Store4(value.X, value.Y, value.Z, value.W, address);
        }
        else
        {
            if (count > 0)
            {
                PtxMemory.Store(value.X, address);
            }

            if (count > 1)
            {
                PtxMemory.Store(value.Y, address + 4);
            }

            if (count > 2)
            {
                PtxMemory.Store(value.Z, address + 8);
            }

            if (count > 3)
            {
                PtxMemory.Store(value.W, address + 12);
            }
        }
    }
}
