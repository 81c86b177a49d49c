using System.Buffers;
using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Gradient blocks between the inverses of their tiles on an accelerator: brings scratch memory and tables. Nothing waits.</summary>
public static class TilePreconditionLaunch
{
    // Groups of one thread for each core: enough to even out, few enough to keep scratch in the second cache.
    private const int GroupsPerCore = 4;

    /// <summary>Block (i, j) of each result = scale * left tile i * block (i, j) of the gradient * right tile j.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="innerProducts">Empty, or per layer the sum of result * gradient, in an order that shapes decide.</param>
    /// <param name="lanes">True for the kernels that are made for processors, null for what suits the device.</param>
    public static void Apply(
        AcceleratorStream stream, ReadOnlySpan<TilePreconditionLayerViews> layers, ArrayView<float> innerProducts, bool? lanes = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (layers.IsEmpty)
        {
            return;
        }

        bool processor = lanes ?? stream.Accelerator.Properties.IsProcessor;
        int[] firsts = ArrayPool<int>.Shared.Rent(layers.Length + 1);
        long scratchElements = 1;
        firsts[0] = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            TilePreconditionSize size = Size(layers[i]);
            int blocks = size.Down * size.Across;
            firsts[i + 1] = checked(firsts[i] + (processor ? blocks : blocks * size.Pieces * size.Pieces));
            scratchElements = Math.Max(scratchElements, processor
                ? (long)Groups(stream, blocks) * TilePreconditionProcessorKernels.Elements(size.TileSize)
                : (long)blocks * size.TileSize * size.TileSize);
        }

        bool sums = innerProducts.IsValid;
        using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked((int)scratchElements));
        using MemoryBuffer<float> partial = stream.Accelerator.Allocate<float>(sums ? Math.Max(1, firsts[layers.Length]) : 1);
        for (int i = 0; i < layers.Length; i++)
        {
            TilePreconditionSize size = Size(layers[i]);
            size.InnerProducts = sums ? 1 : 0;
            size.FirstSum = firsts[i];
            if (processor)
            {
                LaunchLanes(stream, layers[i], size, scratch.View, partial.View);
            }
            else
            {
                Launch(stream, layers[i], size, scratch.View, partial.View);
            }
        }

        if (sums)
        {
            using MemoryBuffer table = stream.Accelerator.Allocate((layers.Length + 1) * sizeof(int));
            stream.Upload(MemoryMarshal.AsBytes(firsts.AsSpan(0, layers.Length + 1)), table, 0);
            ArrayView<int> starts = table.View<int>();
            if (processor)
            {
                stream.Launch(new KernelConfig(layers.Length, 1), new TilePreconditionProcessorKernels.TotalKernel(partial.View, starts, innerProducts));
            }
            else
            {
                KernelConfig config = new(layers.Length, TilePreconditionKernels.GroupThreads);
                stream.Launch(config, new TilePreconditionKernels.TotalKernel(partial.View, starts, innerProducts));
            }
        }

        ArrayPool<int>.Shared.Return(firsts);
    }

    private static TilePreconditionSize Size(in TilePreconditionLayerViews layer)
    {
        int largest = Math.Max(1, Math.Min(layer.TileSize, Math.Max(layer.Rows, layer.Columns)));
        return new TilePreconditionSize
        {
            Rows = layer.Rows,
            Columns = layer.Columns,
            TileSize = largest,
            Down = TileLayout.Count(layer.Rows, layer.TileSize),
            Across = TileLayout.Count(layer.Columns, layer.TileSize),
            Pieces = (largest + TilePreconditionKernels.Piece - 1) / TilePreconditionKernels.Piece,
            Scale = layer.Scale,
        };
    }

    private static int Groups(AcceleratorStream stream, int blocks) => Math.Min(blocks, GroupsPerCore * stream.Accelerator.Properties.Multiprocessors);

    private static void Launch(
        AcceleratorStream stream, in TilePreconditionLayerViews layer, in TilePreconditionSize size, ArrayView<float> halves, ArrayView<float> partial)
    {
        int groups = size.Down * size.Across * size.Pieces * size.Pieces;
        KernelConfig config = new(groups, TilePreconditionKernels.GroupThreads);
        int tiles = size.TileSize % 4 == 0 ? 2 : 0;
        int gradientWide = layer.Gradient.OffsetInBytes % 16 == 0 && size.Columns % 4 == 0 && size.TileSize % 4 == 0 ? 1 : 0;
        int leftWide = layer.Left.OffsetInBytes % 16 == 0 ? tiles : 0;
        int rightWide = layer.Right.OffsetInBytes % 16 == 0 ? tiles : 0;
        stream.Launch(config, new TilePreconditionKernels.MultiplyLeftKernel(layer.Gradient, layer.Left, halves, size, gradientWide | leftWide));
        stream.Launch(config, new TilePreconditionKernels.MultiplyRightKernel(
            halves, layer.Right, layer.Gradient, layer.Result, partial, size, (size.TileSize % 4 == 0 ? 1 : 0) | rightWide));
    }

    private static void LaunchLanes(
        AcceleratorStream stream, in TilePreconditionLayerViews layer, in TilePreconditionSize size, ArrayView<float> scratch, ArrayView<float> partial) =>
        stream.Launch(new KernelConfig(Groups(stream, size.Down * size.Across), 1), new TilePreconditionProcessorKernels.ApplyKernel(
            layer.Left, layer.Right, layer.Gradient, layer.Result, scratch, partial, size));
}
