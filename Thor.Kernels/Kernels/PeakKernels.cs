namespace Thor.Kernels.Kernels;

/// <summary>
/// What a device can do at most: multiply-adds that never leave registers, and a copy. Each comes in a form for GPUs (many threads, each with
/// 16 independent sums or four loads in flight) and one for processors (a thread per core with vectors of 16). Nothing is shared.
/// </summary>
/// <remarks>Arithmetic intensity: multiply-adds have no traffic but one store a thread; the copy has no arithmetic.</remarks>
public static partial class PeakKernels
{
    /// <summary>Threads of a group on GPUs.</summary>
    public const int GroupThreads = 256;

    /// <summary>Independent sums of a thread on GPUs.</summary>
    public const int Chains = 16;

    /// <summary>Independent vectors of sums of a thread on processors.</summary>
    public const int ProcessorChains = 12;

    /// <summary>Lanes of such a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Multiply-adds of each sum in a step.</summary>
    public const int Repeats = 8;

    /// <summary>Vectors of four that a thread copies on GPUs.</summary>
    public const int VectorsPerThread = 4;

    /// <summary>Steps of multiply-adds, on GPUs; one result a thread keeps them from being left out.</summary>
    [Kernel(MaxGroupSize = GroupThreads)]
    public static void MultiplyAdd(ArrayView<float> sums, float x, float y, int steps)
    {
        ArrayView<float> c = LocalMemory.Allocate<float>(Chains);
        int thread = (Grid.IdxX * Group.DimX) + Group.IdxX;
        for (int chain = 0; chain < Chains; chain++)
        {
            c[chain] = (float)(chain + Group.IdxX);
        }

        for (int step = 0; step < steps; step++)
        {
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                for (int chain = 0; chain < Chains; chain++)
                {
                    c[chain] = Fused.MultiplyAdd(c[chain], x, y);
                }
            }
        }

        float sum = 0f;
        for (int chain = 0; chain < Chains; chain++)
        {
            sum += c[chain];
        }

        sums[thread] = sum;
    }

    /// <summary>Steps of multiply-adds, on processors.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void MultiplyAddLanes(ArrayView<float> sums, float x, float y, int steps)
    {
        FloatX16 factor = FloatX16.Splat(x);
        FloatX16 summand = FloatX16.Splat(y);
        FloatX16 c0 = FloatX16.Splat(0f);
        FloatX16 c1 = FloatX16.Splat(1f);
        FloatX16 c2 = FloatX16.Splat(2f);
        FloatX16 c3 = FloatX16.Splat(3f);
        FloatX16 c4 = FloatX16.Splat(4f);
        FloatX16 c5 = FloatX16.Splat(5f);
        FloatX16 c6 = FloatX16.Splat(6f);
        FloatX16 c7 = FloatX16.Splat(7f);
        FloatX16 c8 = FloatX16.Splat(8f);
        FloatX16 c9 = FloatX16.Splat(9f);
        FloatX16 c10 = FloatX16.Splat(10f);
        FloatX16 c11 = FloatX16.Splat(11f);
        for (int step = 0; step < steps; step++)
        {
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                c0 = Fused.MultiplyAdd(c0, factor, summand);
                c1 = Fused.MultiplyAdd(c1, factor, summand);
                c2 = Fused.MultiplyAdd(c2, factor, summand);
                c3 = Fused.MultiplyAdd(c3, factor, summand);
                c4 = Fused.MultiplyAdd(c4, factor, summand);
                c5 = Fused.MultiplyAdd(c5, factor, summand);
                c6 = Fused.MultiplyAdd(c6, factor, summand);
                c7 = Fused.MultiplyAdd(c7, factor, summand);
                c8 = Fused.MultiplyAdd(c8, factor, summand);
                c9 = Fused.MultiplyAdd(c9, factor, summand);
                c10 = Fused.MultiplyAdd(c10, factor, summand);
                c11 = Fused.MultiplyAdd(c11, factor, summand);
            }
        }

        FloatX16 sum = ((c0 + c1) + (c2 + c3)) + ((c4 + c5) + (c6 + c7)) + ((c8 + c9) + (c10 + c11));
        sums[Grid.IdxX] = ProcessorLanes.Sum(sum);
    }

    /// <summary>y = x on GPUs, for a whole number of groups' worth of vectors.</summary>
    [Kernel(MaxGroupSize = GroupThreads)]
    public static void Copy(ReadOnlyView<FloatX4> x, ArrayView<FloatX4> y)
    {
        int first = (Grid.IdxX * Group.DimX * VectorsPerThread) + Group.IdxX;
        FloatX4 v0 = x[first];
        FloatX4 v1 = x[first + Group.DimX];
        FloatX4 v2 = x[first + (2 * Group.DimX)];
        FloatX4 v3 = x[first + (3 * Group.DimX)];
        y[first] = v0;
        y[first + Group.DimX] = v1;
        y[first + (2 * Group.DimX)] = v2;
        y[first + (3 * Group.DimX)] = v3;
    }

    /// <summary>y = x on processors: a thread copies so many neighbouring vectors.</summary>
    [Kernel(MaxGroupSize = 1)]
    public static void CopyLanes(ReadOnlyView<FloatX16> x, ArrayView<FloatX16> y, int vectorsPerThread)
    {
        int first = Grid.IdxX * vectorsPerThread;
        for (int i = 0; i < vectorsPerThread; i++)
        {
            y[first + i] = x[first + i];
        }
    }
}
