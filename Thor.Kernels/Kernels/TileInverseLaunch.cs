using System.Buffers;
using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Inverses of tiles on an accelerator: sorts tiles into groups and brings tables and scratch memory. Nothing waits.</summary>
public static class TileInverseLaunch
{
    // Blocks of large tiles in flight at a time.
    private const long ScratchElements = 32L << 20;

    // What small tiles of a group may take together, so that there is room for other groups.
    private const int SharedBudgetBytes = 48 * 1024;

    // Groups of one thread for each core: enough to even out, few enough to keep scratch in the second cache.
    private const int GroupsPerCore = 4;

    /// <summary>destination tile = (source tile + damping I)^-1 for every slot.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="source">Packed tiles, of which only upper triangles are read.</param>
    /// <param name="destination">Packed tiles, may be the source; a tile that fails is not written.</param>
    /// <param name="slots">Which tiles.</param>
    /// <param name="status">Per slot 0, the order of the first bad minor, -1 for input that is not finite, -2 for hopeless conditioning.</param>
    /// <param name="method">Which kernel.</param>
    /// <param name="retry">Whether tiles that fail are tried again with more damping.</param>
    /// <param name="damping">Empty, or per slot the damping of the last attempt.</param>
    public static void Invert(
        AcceleratorStream stream,
        ArrayView<float> source,
        ArrayView<float> destination,
        ReadOnlySpan<TileSlot> slots,
        ArrayView<int> status,
        TileInverseMethod method = TileInverseMethod.Automatic,
        TileRetry retry = default,
        ArrayView<float> damping = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (slots.IsEmpty)
        {
            return;
        }

        AcceleratorProperties device = stream.Accelerator.Properties;
        if (method == TileInverseMethod.Automatic)
        {
            method = device.IsProcessor ? TileInverseMethod.Lanes : TileInverseMethod.Registers;
        }

        int[] order = ArrayPool<int>.Shared.Rent(slots.Length);
        SortByDimension(slots, order);
        TileAttempts attempts = new() { Retries = retry.Retries, Factor = (float)retry.Factor, Reported = damping.IsValid ? 1 : 0 };

        // What is not written must still be memory of the device.
        Tiles tiles = new(stream, source, destination, status, damping.IsValid ? damping : destination, attempts);
        ReadOnlySpan<int> sorted = order.AsSpan(0, slots.Length);
        int above = CountAbove(slots, sorted, LargestInFastMemory(device, method));
        if (method == TileInverseMethod.Lanes)
        {
            tiles.InvertInScratch(slots, sorted[..above]);
            tiles.InvertInShared(slots, sorted[above..]);
        }
        else
        {
            tiles.InvertBlocks(slots, sorted[..above]);
            ReadOnlySpan<int> rest = sorted[above..];
            while (!rest.IsEmpty)
            {
                // One launch for each size of panels.
                int half = TileInverseKernels.HalfOf(Tiles.BlockRows(slots[rest[0]]));
                int end = 1;
                while (end < rest.Length && TileInverseKernels.HalfOf(Tiles.BlockRows(slots[rest[end]])) == half)
                {
                    end++;
                }

                tiles.InvertRegisters(slots, rest[..end], method, half);
                rest = rest[end..];
            }
        }

        ArrayPool<int>.Shared.Return(order);
    }

    /// <summary>Large tiles first: the last group to finish should have little to do.</summary>
    private static void SortByDimension(ReadOnlySpan<TileSlot> slots, int[] order)
    {
        Span<int> next = stackalloc int[TileLayout.MaximumDimension + 2];
        next.Clear();
        foreach (ref readonly TileSlot slot in slots)
        {
            next[TileLayout.MaximumDimension - slot.Dimension + 1]++;
        }

        for (int i = 1; i < next.Length; i++)
        {
            next[i] += next[i - 1];
        }

        for (int slot = 0; slot < slots.Length; slot++)
        {
            order[next[TileLayout.MaximumDimension - slots[slot].Dimension]++] = slot;
        }
    }

    /// <summary>The largest dimension whose tile fits shared memory, or the registers of a group.</summary>
    private static int LargestInFastMemory(AcceleratorProperties device, TileInverseMethod method)
    {
        if (method == TileInverseMethod.Lanes)
        {
            int dimension = TileLayout.MaximumDimension;
            while (dimension > 0 && TileInverseProcessorKernels.Elements(dimension) * sizeof(float) > device.MaxSharedBytes)
            {
                dimension--;
            }

            return dimension;
        }

        return method == TileInverseMethod.Blocks || device.MaxGroupThreads < Threads(method) ? 0 : TileInverseKernels.MaximumDimension;
    }

    private static int Threads(TileInverseMethod method) =>
        method == TileInverseMethod.RegisterPairs ? TileInverseKernels.PairThreads : TileInverseKernels.GroupThreads;

    private static int CountAbove(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int dimension)
    {
        int count = 0;
        while (count < sorted.Length && slots[sorted[count]].Dimension > dimension)
        {
            count++;
        }

        return count;
    }

    private readonly struct Tiles(
        AcceleratorStream stream,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts)
    {
        private readonly int _wide = source.OffsetInBytes % 16 == 0 && destination.OffsetInBytes % 16 == 0 ? 1 : 0;

        private AcceleratorProperties Device => stream.Accelerator.Properties;

        public static int BlockRows(in TileSlot slot) => (slot.Dimension + TileRegisters.Block - 1) / TileRegisters.Block;

        public void InvertRegisters(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, TileInverseMethod method, int half)
        {
            int threads = Threads(method);
            int[] firsts = ArrayPool<int>.Shared.Rent(sorted.Length + 1);
            int groups = 0;
            int words = 0;
            int mostTeams = 1;
            while (mostTeams < threads && TileInverseKernels.GroupWords(half, mostTeams + 1) * sizeof(float) <= Math.Min(Device.MaxSharedBytes, SharedBudgetBytes))
            {
                mostTeams++;
            }

            for (int first = 0; first < sorted.Length;)
            {
                int blockRows = BlockRows(slots[sorted[first]]);
                int teams = mostTeams;
                while (TileInverseKernels.ThreadsOf(blockRows, teams) > threads)
                {
                    teams--;
                }

                int end = first + 1;
                while (end < sorted.Length && end - first < teams && BlockRows(slots[sorted[end]]) == blockRows)
                {
                    end++;
                }

                words = Math.Max(words, TileInverseKernels.GroupWords(half, end - first));
                firsts[groups++] = first;
                first = end;
            }

            firsts[groups] = sorted.Length;
            using MemoryBuffer table = Table(slots, sorted, firsts.AsSpan(0, groups + 1));
            ArrayView<TileJob> jobs = new(table, 0, sorted.Length);
            ArrayView<int> starts = new(table, (long)sorted.Length * ArrayView<TileJob>.ElementSize, groups + 1);
            KernelConfig config = new(groups, threads, words * sizeof(float));
            SpecializedValue<int> panels = SpecializedValue.New(half);
            switch (method)
            {
                case TileInverseMethod.RegisterPairs:
                    stream.Launch(config, new TileInverseKernels.SweepPairsKernel(jobs, starts, source, destination, status, used, attempts, _wide, panels));
                    break;
                case TileInverseMethod.DenseRegisters:
                    stream.Launch(config, new TileInverseKernels.SweepDenseKernel(jobs, starts, source, destination, status, used, attempts, _wide, panels));
                    break;
                default:
                    stream.Launch(config, new TileInverseKernels.SweepKernel(jobs, starts, source, destination, status, used, attempts, _wide, panels));
                    break;
            }

            ArrayPool<int>.Shared.Return(firsts);
        }

        public void InvertBlocks(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted)
        {
            while (!sorted.IsEmpty)
            {
                int blockRows = BlockRows(slots[sorted[0]]);
                int perGroup = blockRows * (blockRows + 1) / 2 * TileRegisters.BlockElements;
                int count = (int)Math.Clamp(ScratchElements / perGroup, 1, sorted.Length);
                using MemoryBuffer table = Table(slots, sorted[..count], []);
                using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(perGroup * count));
                KernelConfig config = new(
                    count, Math.Min(TileInverseKernels.LargeThreads, Device.MaxGroupThreads), TileInverseKernels.LargeWords(blockRows) * sizeof(float));
                ArrayView<TileJob> jobs = new(table, 0, count);
                stream.Launch(
                    config,
                    new TileInverseKernels.SweepLargeKernel(jobs, source, destination, status, used, attempts, scratch.View, perGroup, _wide));
                sorted = sorted[count..];
            }
        }

        public void InvertInShared(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted)
        {
            if (!sorted.IsEmpty)
            {
                using MemoryBuffer table = Table(slots, sorted, []);
                KernelConfig config = new(Groups(sorted.Length), 1, TileInverseProcessorKernels.Elements(slots[sorted[0]].Dimension) * sizeof(float));
                ArrayView<TileJob> jobs = new(table, 0, sorted.Length);
                stream.Launch(
                    config, new TileInverseProcessorKernels.InvertSharedKernel(jobs, source, destination, status, used, attempts, sorted.Length));
            }
        }

        public void InvertInScratch(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted)
        {
            if (!sorted.IsEmpty)
            {
                int groups = Groups(sorted.Length);
                int perGroup = TileInverseProcessorKernels.Elements(slots[sorted[0]].Dimension);
                using MemoryBuffer table = Table(slots, sorted, []);
                using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(perGroup * groups));
                ArrayView<TileJob> jobs = new(table, 0, sorted.Length);
                stream.Launch(
                    new KernelConfig(groups, 1),
                    new TileInverseProcessorKernels.InvertScratchKernel(
                        jobs, source, destination, status, used, attempts, sorted.Length, scratch.View, perGroup));
            }
        }

        private int Groups(int count) => Math.Min(count, GroupsPerCore * Device.Multiprocessors);

        /// <summary>The jobs in order, and numbers behind them, on the device.</summary>
        private MemoryBuffer Table(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, ReadOnlySpan<int> numbers)
        {
            int jobBytes = sorted.Length * ArrayView<TileJob>.ElementSize;
            int bytes = jobBytes + (numbers.Length * sizeof(int));
            byte[] staging = ArrayPool<byte>.Shared.Rent(bytes);
            Span<TileJob> jobs = MemoryMarshal.Cast<byte, TileJob>(staging.AsSpan(0, jobBytes));
            for (int index = 0; index < sorted.Length; index++)
            {
                TileSlot slot = slots[sorted[index]];
                jobs[index] = new TileJob { Offset = slot.Offset, Dimension = slot.Dimension, Slot = sorted[index], Damping = (float)slot.Damping };
            }

            MemoryMarshal.AsBytes(numbers).CopyTo(staging.AsSpan(jobBytes));
            MemoryBuffer table = stream.Accelerator.Allocate(bytes);
            stream.Upload(staging.AsSpan(0, bytes), table, 0);
            ArrayPool<byte>.Shared.Return(staging);
            return table;
        }
    }
}
