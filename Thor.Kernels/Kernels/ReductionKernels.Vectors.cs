namespace Thor.Kernels.Kernels;

/// <content>Reductions of memory that threads read in vectors.</content>
internal static partial class ReductionKernels
{
    /// <summary>Results over runs of words side by side, each of which begins as a vector; parameters as those of <see cref="Rows"/>, in vectors of 4.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1), KernelVariants(2), KernelVariants(3), KernelVariants(4)]
    [KernelVariants(32), KernelVariants(33), KernelVariants(34), KernelVariants(35), KernelVariants(36)]
    public static void RowsOfVectors(
        ReadOnlyView<int> x, ArrayView<int> y, RowLoop kept, int vectors, int segments, int perSegment, int count, SpecializedValue<int> operation)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        int lanes = Group.DimX;
        int place = (Group.IdxY * lanes) + Group.IdxX;
        int index = (Grid.IdxX * Group.DimY) + Group.IdxY;
        int result = index / segments;
        int segment = index - (result * segments);
        int sum0 = ReduceMath.Identity(operation.Value);
        if (result < kept.Rows)
        {
            int sum1 = sum0;
            int sum2 = sum0;
            int sum3 = sum0;
            ReadOnlyView<int> words = x.SubView(RowLoops.A(kept, result));
            ReadOnlyView<FloatX4> from = words.Cast<FloatX4>();
            int end = XMath.Min(vectors, (segment + 1) * perSegment);
            int i = (segment * perSegment) + Group.IdxX;
            for (; i < end - (3 * lanes); i += 4 * lanes)
            {
                FloatX4 v0 = from[i];
                FloatX4 v1 = from[i + lanes];
                FloatX4 v2 = from[i + (2 * lanes)];
                FloatX4 v3 = from[i + (3 * lanes)];
                sum0 = Four(operation.Value, sum0, v0.X, v1.X, v2.X, v3.X);
                sum1 = Four(operation.Value, sum1, v0.Y, v1.Y, v2.Y, v3.Y);
                sum2 = Four(operation.Value, sum2, v0.Z, v1.Z, v2.Z, v3.Z);
                sum3 = Four(operation.Value, sum3, v0.W, v1.W, v2.W, v3.W);
            }

            for (; i < end; i += lanes)
            {
                FloatX4 v = from[i];
                sum0 = One(operation.Value, sum0, v.X);
                sum1 = One(operation.Value, sum1, v.Y);
                sum2 = One(operation.Value, sum2, v.Z);
                sum3 = One(operation.Value, sum3, v.W);
            }

            sum0 = ReduceMath.Combine(
                operation.Value, ReduceMath.Combine(operation.Value, sum0, sum1), ReduceMath.Combine(operation.Value, sum2, sum3));
        }

        shared[place] = sum0;
        for (int half = lanes / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                shared[place] = ReduceMath.Combine(operation.Value, shared[place], shared[place + half]);
            }
        }

        if (Group.IdxX == 0 && result < kept.Rows)
        {
            long to = segments == 1 ? RowLoops.Y(kept, result) : index;
            y[to] = ReduceMath.Leave(operation.Value, shared[place], count);
        }
    }

    /// <summary>Results for every column, four of which are a vector everywhere; parameters as those of <see cref="Columns"/>.</summary>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1), KernelVariants(2), KernelVariants(3), KernelVariants(4)]
    [KernelVariants(32), KernelVariants(33), KernelVariants(34), KernelVariants(35), KernelVariants(36)]
    public static void ColumnsOfVectors(
        ReadOnlyView<int> x, ArrayView<int> y, RowLoop kept, RowLoop reduced, int segments, int perSegment, int count, SpecializedValue<int> operation)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(4 * GroupSize);
        int vectors = kept.Columns / 4;
        int panels = (vectors + ColumnsOfGroup - 1) / ColumnsOfGroup;
        int index = Grid.IdxX / panels;
        int row = index / segments;
        int segment = index - (row * segments);
        int vector = ((Grid.IdxX - (index * panels)) * ColumnsOfGroup) + Group.IdxX;
        int place = (Group.IdxY * ColumnsOfGroup) + Group.IdxX;
        int sum0 = ReduceMath.Identity(operation.Value);
        int sum1 = sum0;
        int sum2 = sum0;
        int sum3 = sum0;
        if (vector < vectors)
        {
            ReadOnlyView<int> words = x.SubView(RowLoops.A(kept, row) + (vector * 4));
            ReadOnlyView<FloatX4> from = words.Cast<FloatX4>();
            int end = XMath.Min(reduced.Rows, (segment + 1) * perSegment);
            int i = (segment * perSegment) + Group.IdxY;
            for (; i < end - (3 * LinesOfGroup); i += 4 * LinesOfGroup)
            {
                FloatX4 v0 = from[RowLoops.A(reduced, i) >> 2];
                FloatX4 v1 = from[RowLoops.A(reduced, i + LinesOfGroup) >> 2];
                FloatX4 v2 = from[RowLoops.A(reduced, i + (2 * LinesOfGroup)) >> 2];
                FloatX4 v3 = from[RowLoops.A(reduced, i + (3 * LinesOfGroup)) >> 2];
                sum0 = Four(operation.Value, sum0, v0.X, v1.X, v2.X, v3.X);
                sum1 = Four(operation.Value, sum1, v0.Y, v1.Y, v2.Y, v3.Y);
                sum2 = Four(operation.Value, sum2, v0.Z, v1.Z, v2.Z, v3.Z);
                sum3 = Four(operation.Value, sum3, v0.W, v1.W, v2.W, v3.W);
            }

            for (; i < end; i += LinesOfGroup)
            {
                FloatX4 v = from[RowLoops.A(reduced, i) >> 2];
                sum0 = One(operation.Value, sum0, v.X);
                sum1 = One(operation.Value, sum1, v.Y);
                sum2 = One(operation.Value, sum2, v.Z);
                sum3 = One(operation.Value, sum3, v.W);
            }
        }

        shared[place] = sum0;
        shared[place + GroupSize] = sum1;
        shared[place + (2 * GroupSize)] = sum2;
        shared[place + (3 * GroupSize)] = sum3;
        for (int half = LinesOfGroup / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxY < half)
            {
                for (int lane = 0; lane < 4; lane++)
                {
                    int own = place + (lane * GroupSize);
                    shared[own] = ReduceMath.Combine(operation.Value, shared[own], shared[own + (half * ColumnsOfGroup)]);
                }
            }
        }

        if (Group.IdxY == 0 && vector < vectors)
        {
            long to = segments == 1 ? RowLoops.Y(kept, row) + (vector * 4 * kept.StepY) : ((long)index * kept.Columns) + (vector * 4);
            long step = segments == 1 ? kept.StepY : 1L;
            for (int lane = 0; lane < 4; lane++)
            {
                y[to + (lane * step)] = ReduceMath.Leave(operation.Value, shared[place + (lane * GroupSize)], count);
            }
        }
    }

    private static int One(int operation, int sum, float x) =>
        ReduceMath.Combine(operation, sum, ReduceMath.Enter(operation, Interop.FloatAsInt(x)));

    private static int Four(int operation, int sum, float x0, float x1, float x2, float x3) =>
        One(operation, One(operation, One(operation, One(operation, sum, x0), x1), x2), x3);
}
