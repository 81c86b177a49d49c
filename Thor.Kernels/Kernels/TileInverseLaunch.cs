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

    // One for each value of HalfOf.
    private const int MostSweeps = 4;

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
    /// <param name="kept">Keeps the table of tiles from call to call, so that a refresh like the last uploads nothing; null to do without.</param>
    public static void Invert(
        AcceleratorStream stream,
        ArrayView<float> source,
        ArrayView<float> destination,
        ReadOnlySpan<TileSlot> slots,
        ArrayView<int> status,
        TileInverseMethod method = TileInverseMethod.Automatic,
        TileRetry retry = default,
        ArrayView<float> damping = default,
        DeviceTable? kept = null)
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
        int[] firsts = ArrayPool<int>.Shared.Rent(slots.Length + MostSweeps);
        SortByDimension(slots, order);
        ReadOnlySpan<int> sorted = order.AsSpan(0, slots.Length);
        int[] pairs = ArrayPool<int>.Shared.Rent(2 * slots.Length);
        if (method == TileInverseMethod.Lanes)
        {
            sorted = pairs.AsSpan(0, Pair(slots, sorted, device.Multiprocessors, pairs));
        }

        int above = CountAbove(slots, sorted, LargestInFastMemory(device, method));
        Span<SweepPlan> sweeps = stackalloc SweepPlan[MostSweeps];
        int count = method == TileInverseMethod.Lanes ? 0 : PlanSweeps(device, slots, sorted, above, firsts, sweeps);
        int numbers = count == 0 ? 0 : sweeps[count - 1].FirstGroup + sweeps[count - 1].Groups + 1;

        TileAttempts attempts = new() { Retries = retry.Retries, Factor = (float)retry.Factor, Reported = damping.IsValid ? 1 : 0 };
        DeviceTable table = kept ?? new DeviceTable();

        // What is not written must still be memory of the device.
        Tiles tiles = new(stream, source, destination, status, damping.IsValid ? damping : destination, attempts, Upload(stream, slots, sorted, firsts.AsSpan(0, numbers), table));
        if (method == TileInverseMethod.Lanes)
        {
            tiles.InvertInScratch(slots, sorted, above);
            tiles.InvertInShared(slots, sorted, above);
        }
        else
        {
            tiles.InvertBlocks(slots, sorted, above);
            foreach (ref readonly SweepPlan sweep in sweeps[..count])
            {
                tiles.InvertRegisters(sorted.Length, sweep);
            }
        }

        ArrayPool<int>.Shared.Return(pairs);
        ArrayPool<int>.Shared.Return(firsts);
        ArrayPool<int>.Shared.Return(order);
        if (kept is null)
        {
            table.Release();
        }
    }

    /// <summary>Puts tiles two and two. One without a neighbour of its dimension stands twice, as all do where there are no more than cores.</summary>
    /// <returns>The length of the list, twice the number of pairs.</returns>
    private static int Pair(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int cores, Span<int> pairs)
    {
        int count = 0;
        for (int first = 0; first < sorted.Length;)
        {
            int next = first + 1;
            bool two = sorted.Length > cores && next < sorted.Length && slots[sorted[next]].Dimension == slots[sorted[first]].Dimension;
            pairs[count++] = sorted[first];
            pairs[count++] = sorted[two ? next : first];
            first += two ? 2 : 1;
        }

        return count;
    }

    /// <summary>Shares the tiles from the given one on out to groups, a launch for each size of panels.</summary>
    /// <param name="device">Of whose shared memory groups take a part.</param>
    /// <param name="slots">The tiles.</param>
    /// <param name="sorted">Their order.</param>
    /// <param name="first">The first tile that fits registers.</param>
    /// <param name="firsts">Set to the first tile of each group and, behind the groups of a launch, the tile after its last.</param>
    /// <param name="sweeps">Set to the launches.</param>
    /// <returns>The number of launches.</returns>
    private static int PlanSweeps(
        AcceleratorProperties device, ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int first, Span<int> firsts, Span<SweepPlan> sweeps)
    {
        int count = 0;
        int number = 0;
        while (first < sorted.Length)
        {
            int half = TileInverseKernels.HalfOf(BlockRows(slots[sorted[first]]));
            int budget = Math.Min(device.MaxSharedBytes, SharedBudgetBytes);
            int mostTeams = 1;
            while (half < TileInverseKernels.WidestHalf && TileInverseKernels.GroupWords(half, mostTeams + 1) * sizeof(float) <= budget)
            {
                mostTeams++;
            }

            SweepPlan sweep = new() { FirstGroup = number, Half = half };
            while (first < sorted.Length && TileInverseKernels.HalfOf(BlockRows(slots[sorted[first]])) == half)
            {
                int blockRows = BlockRows(slots[sorted[first]]);
                int teams = mostTeams;
                while (TileInverseKernels.ThreadsOf(blockRows, teams) > TileInverseKernels.GroupThreads)
                {
                    teams--;
                }

                int end = first + 1;
                while (end < sorted.Length && end - first < teams && BlockRows(slots[sorted[end]]) == blockRows)
                {
                    end++;
                }

                sweep.Words = Math.Max(sweep.Words, TileInverseKernels.GroupWords(half, end - first));
                sweep.Groups++;
                firsts[number++] = first;
                first = end;
            }

            firsts[number++] = first;
            sweeps[count++] = sweep;
        }

        return count;
    }

    /// <summary>The jobs in order, and numbers behind them, on the device.</summary>
    private static MemoryBuffer Upload(
        AcceleratorStream stream, ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, ReadOnlySpan<int> numbers, DeviceTable table)
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
        MemoryBuffer held = table.Hold(stream, staging.AsSpan(0, bytes));
        ArrayPool<byte>.Shared.Return(staging);
        return held;
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

        return method == TileInverseMethod.Blocks || device.MaxGroupThreads < TileInverseKernels.GroupThreads ? 0 : TileInverseKernels.MaximumDimension;
    }

    private static int CountAbove(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int dimension)
    {
        int count = 0;
        while (count < sorted.Length && slots[sorted[count]].Dimension > dimension)
        {
            count++;
        }

        return count;
    }

    private static int BlockRows(in TileSlot slot) => (slot.Dimension + TileRegisters.Block - 1) / TileRegisters.Block;

    /// <summary>One launch of a sweep in registers.</summary>
    private struct SweepPlan
    {
        /// <summary>Where the first tiles of its groups begin in their list.</summary>
        public int FirstGroup;

        public int Groups;

        /// <summary>Words of shared memory.</summary>
        public int Words;

        /// <summary>Words of a half row of a panel.</summary>
        public int Half;
    }

    private readonly struct Tiles(
        AcceleratorStream stream,
        ArrayView<float> source,
        ArrayView<float> destination,
        ArrayView<int> status,
        ArrayView<float> used,
        TileAttempts attempts,
        MemoryBuffer table)
    {
        private readonly int _wide = source.OffsetInBytes % 16 == 0 && destination.OffsetInBytes % 16 == 0 ? 1 : 0;

        private AcceleratorProperties Device => stream.Accelerator.Properties;

        public void InvertRegisters(int tiles, in SweepPlan sweep)
        {
            ArrayView<TileJob> jobs = Jobs(0, tiles);
            ArrayView<int> starts = new(table, ((long)tiles * ArrayView<TileJob>.ElementSize) + (sweep.FirstGroup * sizeof(int)), sweep.Groups + 1);
            KernelConfig config = new(sweep.Groups, TileInverseKernels.GroupThreads, sweep.Words * sizeof(float));
            SpecializedValue<int> panels = SpecializedValue.New(sweep.Half);
            stream.Launch(config, new TileInverseKernels.SweepKernel(jobs, starts, source, destination, status, used, attempts, _wide, panels));
        }

        public void InvertBlocks(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int end)
        {
            for (int first = 0; first < end;)
            {
                int blockRows = BlockRows(slots[sorted[first]]);
                int perGroup = blockRows * (blockRows + 1) / 2 * TileRegisters.BlockElements;
                int count = (int)Math.Clamp(ScratchElements / perGroup, 1, end - first);
                using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(perGroup * count));
                KernelConfig config = new(
                    count, Math.Min(TileInverseKernels.LargeThreads, Device.MaxGroupThreads), TileInverseKernels.LargeWords(blockRows) * sizeof(float));
                stream.Launch(
                    config,
                    new TileInverseKernels.SweepLargeKernel(
                        Jobs(first, count), source, destination, status, used, attempts, scratch.View, perGroup, _wide));
                first += count;
            }
        }

        public void InvertInShared(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int first)
        {
            int count = sorted.Length - first;
            if (count > 0)
            {
                KernelConfig config = new(Groups(count / 2), 1, TileInverseProcessorKernels.Elements(slots[sorted[first]].Dimension) * sizeof(float));
                stream.Launch(
                    config,
                    new TileInverseProcessorKernels.InvertSharedKernel(Jobs(first, count), source, destination, status, used, attempts, count / 2));
            }
        }

        public void InvertInScratch(ReadOnlySpan<TileSlot> slots, ReadOnlySpan<int> sorted, int end)
        {
            if (end > 0)
            {
                int groups = Groups(end / 2);
                int perGroup = TileInverseProcessorKernels.Elements(slots[sorted[0]].Dimension);
                using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(perGroup * groups));
                stream.Launch(
                    new KernelConfig(groups, 1),
                    new TileInverseProcessorKernels.InvertScratchKernel(
                        Jobs(0, end), source, destination, status, used, attempts, end / 2, scratch.View, perGroup));
            }
        }

        private int Groups(int pairs) => Math.Min(pairs, GroupsPerCore * Device.Multiprocessors);

        private ArrayView<TileJob> Jobs(int first, int count) => new(table, (long)first * ArrayView<TileJob>.ElementSize, count);
    }
}
