using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Golden;

public static partial class ProductKernels
{
    /// <summary>C = A B for square matrices whose side is a multiple of the tile; a thread computes four neighbours of a row.</summary>
    [Kernel(MaxGroupSize = 256, MinGroupsPerMultiprocessor = 2)]
    [KernelVariants(16)]
    public static void Multiply(ReadOnlyView<float> a, ReadOnlyView<float> b, ArrayView<float> c, int n, SpecializedValue<int> tile)
    {
        const int Width = 4;
        int t = tile;
        ArrayView<float> left = SharedMemory.Allocate<float>(t * t);
        ArrayView<float> right = SharedMemory.Allocate<float>(t * t * Width);
        ArrayView<FloatX4> wide = right.Cast<FloatX4>();
        ReadOnlyView<FloatX4> source = b.Cast<FloatX4>();
        int row = (Grid.IdxY * t) + Group.IdxY;
        int column = (Grid.IdxX * t) + Group.IdxX;
        FloatX4 sum = FloatX4.Splat(0f);
        for (int k = 0; k < n; k += t)
        {
            left[(Group.IdxY * t) + Group.IdxX] = a[((long)row * n) + k + Group.IdxX];
            wide[(Group.IdxY * t) + Group.IdxX] = source[((k + Group.IdxY) * (n / Width)) + column];
            Group.Barrier();
            for (int i = 0; i < t; i++)
            {
                sum = Fused.MultiplyAdd(left[(Group.IdxY * t) + i], wide[(i * t) + Group.IdxX], sum);
            }

            Group.Barrier();
        }

        c.Cast<FloatX4>()[(row * (n / Width)) + column] = sum;
    }
}
