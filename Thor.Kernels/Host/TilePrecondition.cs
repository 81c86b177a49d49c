using System.Buffers;
using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Gradient blocks between the inverses of their tiles: G^-1 dW A^-1, tile by tile.</summary>
public static unsafe class TilePrecondition
{
    /// <summary>
    /// Block (i, j) of each result = scale * left tile i * block (i, j) of the gradient * right tile j. All blocks of all layers are
    /// shared out at once.
    /// </summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="layers">The layers.</param>
    /// <param name="innerProducts">Empty, or per layer the sum of result * gradient, block after block in float64.</param>
    public static void Apply<T>(ReadOnlySpan<TilePreconditionLayer<T>> layers, Span<double> innerProducts)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] starts = ArrayPool<int>.Shared.Rent(layers.Length + 1);
        starts[0] = 0;
        for (int layer = 0; layer < layers.Length; layer++)
        {
            starts[layer + 1] = starts[layer] + layers[layer].Blocks;
        }

        int count = starts[layers.Length];
        double[] sums = ArrayPool<double>.Shared.Rent(innerProducts.IsEmpty ? 0 : count);
        fixed (TilePreconditionLayer<T>* first = layers)
        {
            WorkerPool.For(count, new Body<T>(first, starts, layers.Length, innerProducts.IsEmpty ? null : sums));
        }

        for (int layer = 0; layer < innerProducts.Length; layer++)
        {
            double sum = 0;
            for (int block = starts[layer]; block < starts[layer + 1]; block++)
            {
                sum += sums[block];
            }

            innerProducts[layer] = sum;
        }

        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<int>.Shared.Return(starts);
    }

    private readonly struct Body<T>(TilePreconditionLayer<T>* layers, int[] starts, int count, double[]? sums) : IParallelBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly TilePreconditionLayer<T>* _layers = layers;

        public void Invoke(int index)
        {
            // The last layer that starts at or before the block; layers without blocks start where the next one does.
            int found = starts.AsSpan(0, count).BinarySearch(index);
            int layer = found >= 0 ? found : ~found - 1;
            while (index >= starts[layer + 1])
            {
                layer++;
            }

            double sum = _layers[layer].Apply(index - starts[layer], sums is not null);
            if (sums is not null)
            {
                sums[index] = sum;
            }
        }
    }
}
