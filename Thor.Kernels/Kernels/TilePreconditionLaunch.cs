using System.Buffers;
using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;

namespace Thor.Kernels.Kernels;

/// <summary>Gradient blocks between the inverses of their tiles on an accelerator: brings scratch memory and tables. Nothing waits.</summary>
public static class TilePreconditionLaunch
{
    // Groups of one thread for each core: enough to even out, few enough to keep scratch in the second cache.
    private const int GroupsPerCore = 4;

    /// <summary>
    /// Block (i, j) of each result = scale * left tile i * block (i, j) of the gradient * right tile j. Layers with an update move their parameters
    /// along it instead; in one launch go neighbours whose updates have the same numbers.
    /// </summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="innerProducts">Empty, or per layer the sum of result * gradient, in an order that shapes decide.</param>
    /// <param name="kept">Keeps tables from call to call, so that a step like the last uploads nothing; null to do without.</param>
    /// <param name="method">Which kernels.</param>
    /// <exception cref="ArgumentException">The method is <see cref="TilePreconditionMethod.Fused"/> and the device or a layer cannot be treated so.</exception>
    public static void Apply(
        AcceleratorStream stream,
        ReadOnlySpan<TilePreconditionLayerViews> layers,
        ArrayView<float> innerProducts,
        DeviceTable? kept = null,
        TilePreconditionMethod method = TilePreconditionMethod.Automatic)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (layers.IsEmpty)
        {
            return;
        }

        bool fused = CanFuse(stream.Accelerator, layers);
        if (method == TilePreconditionMethod.Automatic)
        {
            method = stream.Accelerator.Properties.IsProcessor ? TilePreconditionMethod.Lanes
                : fused ? TilePreconditionMethod.Fused
                : TilePreconditionMethod.Layers;
        }

        if (method == TilePreconditionMethod.Fused && !fused)
        {
            throw new ArgumentException(
                $"One launch for all layers takes a device with addresses and {TilePreconditionKernels.FusedSharedBytes} bytes of shared memory, and tiles of at most {TilePreconditionKernels.Piece}.",
                nameof(method));
        }

        int[] firsts = ArrayPool<int>.Shared.Rent(layers.Length + 1);
        firsts[0] = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            TilePreconditionSize size = Size(layers[i]);
            int pieces = method == TilePreconditionMethod.Layers ? size.Pieces * size.Pieces : 1;
            firsts[i + 1] = checked(firsts[i] + (size.Down * size.Across * pieces));
        }

        DeviceTable table = kept ?? new DeviceTable();
        ReadOnlySpan<int> starts = firsts.AsSpan(0, layers.Length + 1);
        Pass pass = new(stream, innerProducts, table);
        if (starts[^1] == 0)
        {
            // Layers without elements have sums of zero.
            pass.Clear(layers.Length);
        }
        else if (method == TilePreconditionMethod.Fused)
        {
            pass.ApplyAll(layers, starts);
        }
        else
        {
            pass.ApplyEach(layers, starts, method);
        }

        ArrayPool<int>.Shared.Return(firsts);
        if (kept is null)
        {
            table.Release();
        }
    }

    /// <summary>Addresses are those of CUDA's memory, or of the process's own, where the kernel can be watched.</summary>
    private static bool CanFuse(Accelerator device, ReadOnlySpan<TilePreconditionLayerViews> layers)
    {
        if (device.Properties.MaxSharedBytes < TilePreconditionKernels.FusedSharedBytes)
        {
            return false;
        }

        foreach (ref readonly TilePreconditionLayerViews layer in layers)
        {
            if (Size(layer).Pieces > 1 || (layer.Gradient.IsValid && Address(layer.Gradient) == 0))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Address(ArrayView<float> view)
    {
        nint start = view.Buffer is CudaBuffer buffer ? buffer.Address : view.Buffer?.HostAddress ?? 0;
        return start == 0 ? 0 : (ulong)(start + (nint)view.OffsetInBytes);
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

    private readonly struct Pass(AcceleratorStream stream, ArrayView<float> innerProducts, DeviceTable table)
    {
        private bool Sums => innerProducts.IsValid;

        public void Clear(int count)
        {
            if (Sums)
            {
                stream.Clear(innerProducts.Buffer!, innerProducts.OffsetInBytes, count * sizeof(float)); // valid views have buffers
            }
        }

        public void ApplyAll(ReadOnlySpan<TilePreconditionLayerViews> layers, ReadOnlySpan<int> firsts)
        {
            int groups = firsts[^1];
            int taskBytes = layers.Length * ArrayView<TilePreconditionTask>.ElementSize;
            int bytes = taskBytes + ((groups + firsts.Length) * sizeof(int));
            byte[] staging = ArrayPool<byte>.Shared.Rent(bytes);
            Span<TilePreconditionTask> tasks = MemoryMarshal.Cast<byte, TilePreconditionTask>(staging.AsSpan(0, taskBytes));
            Span<int> owners = MemoryMarshal.Cast<byte, int>(staging.AsSpan(taskBytes, groups * sizeof(int)));
            for (int first = 0, end; first < layers.Length; first = end)
            {
                end = End(layers, first);
                for (int i = first; i < end; i++)
                {
                    tasks[i] = Task(layers[i], firsts[i] - firsts[first]);
                    owners[firsts[i]..firsts[i + 1]].Fill(i);
                }
            }

            MemoryMarshal.AsBytes(firsts).CopyTo(staging.AsSpan(taskBytes + (groups * sizeof(int))));
            MemoryBuffer onDevice = table.Hold(stream, staging.AsSpan(0, bytes));
            ArrayPool<byte>.Shared.Return(staging);

            using MemoryBuffer<float> partial = stream.Accelerator.Allocate<float>(groups);
            for (int first = 0, end; first < layers.Length; first = end)
            {
                end = End(layers, first);
                int count = firsts[end] - firsts[first];
                if (count > 0)
                {
                    stream.Launch(
                        new KernelConfig(count, TilePreconditionKernels.GroupThreads, TilePreconditionKernels.FusedSharedBytes),
                        new TilePreconditionKernels.ApplyAllKernel(
                            new ArrayView<TilePreconditionTask>(onDevice, 0, layers.Length),
                            new ArrayView<int>(onDevice, taskBytes + ((long)firsts[first] * sizeof(int)), count),
                            partial.View.SubView(firsts[first], count),
                            Sums ? 1 : 0,
                            layers[first].UpdateScale,
                            Numbers(layers[first]),
                            Rule(layers[first])));
                }
            }

            Total(partial.View, new ArrayView<int>(onDevice, taskBytes + ((long)groups * sizeof(int)), firsts.Length), processor: false);
        }

        public void ApplyEach(ReadOnlySpan<TilePreconditionLayerViews> layers, ReadOnlySpan<int> firsts, TilePreconditionMethod method)
        {
            bool processor = method == TilePreconditionMethod.Lanes;
            long scratchElements = 1;
            foreach (ref readonly TilePreconditionLayerViews layer in layers)
            {
                TilePreconditionSize size = Size(layer);
                int blocks = size.Down * size.Across;
                scratchElements = Math.Max(scratchElements, processor
                    ? (long)Groups(blocks) * TilePreconditionProcessorKernels.Elements(size.TileSize)
                    : (long)blocks * size.TileSize * size.TileSize);
            }

            using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked((int)scratchElements));
            using MemoryBuffer<float> partial = stream.Accelerator.Allocate<float>(firsts[^1]);
            for (int i = 0; i < layers.Length; i++)
            {
                TilePreconditionSize size = Size(layers[i]);
                size.InnerProducts = Sums ? 1 : 0;
                size.FirstSum = firsts[i];
                if (size.Down * size.Across == 0)
                {
                    continue;
                }

                if (processor)
                {
                    LaunchLanes(layers[i], size, scratch.View, partial.View);
                }
                else
                {
                    LaunchTwice(layers[i], size, scratch.View, partial.View);
                }
            }

            if (Sums)
            {
                Total(partial.View, table.Hold(stream, MemoryMarshal.AsBytes(firsts)).View<int>(), processor);
            }
        }

        private static TilePreconditionTask Task(in TilePreconditionLayerViews layer, int first)
        {
            TilePreconditionSize size = Size(layer);
            TilePreconditionTask task = new()
            {
                Left = Address(layer.Left),
                Right = Address(layer.Right),
                Gradient = Address(layer.Gradient),
                Result = Address(layer.Result),
                Velocity = layer.Update is null ? 0 : Address(layer.Velocity),
                Rows = size.Rows,
                Columns = size.Columns,
                TileSize = size.TileSize,
                Across = size.Across,
                FirstGroup = first,
                Scale = size.Scale,
            };
            if (size.TileSize % 4 == 0)
            {
                task.Wide = (size.Columns % 4 == 0 && (task.Gradient | task.Result | task.Velocity) % 16 == 0 ? 1 : 0)
                    | (task.Left % 16 == 0 ? 2 : 0)
                    | (task.Right % 16 == 0 ? 4 : 0);
            }

            return task;
        }

        /// <summary>The end of the layers that go in one launch: what follows their products has the same numbers.</summary>
        private static int End(ReadOnlySpan<TilePreconditionLayerViews> layers, int first)
        {
            int end = first + 1;
            ArrayView<float> scale = layers[first].UpdateScale;
            while (end < layers.Length && layers[end].Update == layers[first].Update
                && layers[end].UpdateScale.Buffer == scale.Buffer && layers[end].UpdateScale.OffsetInBytes == scale.OffsetInBytes)
            {
                end++;
            }

            return end;
        }

        private static UpdateNumbers Numbers(in TilePreconditionLayerViews layer) =>
            layer.Update is UpdateStep step ? UpdateNumbers.Of(UpdateRule.Momentum, step, layer.UpdateScale.IsValid) : default;

        private static SpecializedValue<int> Rule(in TilePreconditionLayerViews layer) =>
            new(layer.Update is UpdateStep step ? UpdateLaunch.NumberOf(UpdateRule.Momentum, step) : UpdateKernels.None);

        private int Groups(int blocks) => Math.Min(blocks, GroupsPerCore * stream.Accelerator.Properties.Multiprocessors);

        private void LaunchTwice(in TilePreconditionLayerViews layer, in TilePreconditionSize size, ArrayView<float> halves, ArrayView<float> partial)
        {
            KernelConfig config = new(size.Down * size.Across * size.Pieces * size.Pieces, TilePreconditionKernels.GroupThreads);
            int tiles = size.TileSize % 4 == 0 ? 2 : 0;
            int gradientWide = layer.Gradient.OffsetInBytes % 16 == 0 && size.Columns % 4 == 0 && size.TileSize % 4 == 0 ? 1 : 0;
            int leftWide = layer.Left.OffsetInBytes % 16 == 0 ? tiles : 0;
            int rightWide = layer.Right.OffsetInBytes % 16 == 0 ? tiles : 0;
            stream.Launch(config, new TilePreconditionKernels.MultiplyLeftKernel(layer.Gradient, layer.Left, halves, size, gradientWide | leftWide));
            stream.Launch(config, new TilePreconditionKernels.MultiplyRightKernel(
                halves,
                layer.Right,
                layer.Gradient,
                layer.Result,
                layer.Velocity,
                layer.UpdateScale,
                partial,
                size,
                (size.TileSize % 4 == 0 ? 1 : 0) | rightWide,
                Numbers(layer),
                Rule(layer)));
        }

        private void LaunchLanes(in TilePreconditionLayerViews layer, in TilePreconditionSize size, ArrayView<float> scratch, ArrayView<float> partial) =>
            stream.Launch(new KernelConfig(Groups(size.Down * size.Across), 1), new TilePreconditionProcessorKernels.ApplyKernel(
                layer.Left,
                layer.Right,
                layer.Gradient,
                layer.Result,
                layer.Velocity,
                layer.UpdateScale,
                scratch,
                partial,
                size,
                Numbers(layer),
                Rule(layer)));

        private void Total(ArrayView<float> partial, ArrayView<int> firsts, bool processor)
        {
            int layers = firsts.IntLength - 1;
            if (!Sums)
            {
                return;
            }

            if (processor)
            {
                stream.Launch(new KernelConfig(layers, 1), new TilePreconditionProcessorKernels.TotalKernel(partial, firsts, innerProducts));
            }
            else
            {
                stream.Launch(
                    new KernelConfig(layers, TilePreconditionKernels.GroupThreads), new TilePreconditionKernels.TotalKernel(partial, firsts, innerProducts));
            }
        }
    }
}
