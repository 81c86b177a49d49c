using System.Buffers;
using System.Runtime.InteropServices;
using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Eigendecompositions of tiles on an accelerator: sorts tiles and brings tables and scratch memory. Nothing waits.</summary>
public static class TileEigenLaunch
{
    // Squares in flight at a time.
    private const long ScratchElements = 32L << 20;

    // Groups of one thread for each core: enough to even out, few enough to keep scratch in the second cache.
    private const int GroupsPerCore = 4;

    // About so many elements for a thread of a group.
    private const int ElementsPerThread = 32;

    /// <summary>A = V D V^T for every slot, as <see cref="Host.TileEigen.Decompose{T}"/> describes it.</summary>
    /// <param name="stream">Where the work is queued.</param>
    /// <param name="source">Packed tiles, of which only upper triangles are read.</param>
    /// <param name="vectors">Packed V, may be the source; a tile that fails is not written.</param>
    /// <param name="values">D of each slot, with its damping added, one after the other in the order of the slots.</param>
    /// <param name="slots">Which tiles.</param>
    /// <param name="status">Per slot 0, -1 for input that is not finite, 1 where the method does not converge.</param>
    /// <param name="lanes">True for the kernel that is made for processors, null for what suits the device.</param>
    public static void Decompose(
        AcceleratorStream stream,
        ArrayView<float> source,
        ArrayView<float> vectors,
        ArrayView<float> values,
        ReadOnlySpan<TileSlot> slots,
        ArrayView<int> status,
        bool? lanes = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        AcceleratorProperties device = stream.Accelerator.Properties;
        TileJob[] jobs = Jobs(slots);
        bool processor = lanes ?? device.IsProcessor;
        ReadOnlySpan<TileJob> rest = jobs.AsSpan(0, slots.Length);
        while (!rest.IsEmpty)
        {
            // The first is the largest.
            int dimension = rest[0].Dimension;
            int perGroup = processor ? TileEigenProcessorKernels.Elements(dimension) : TileEigenKernels.Elements(dimension);
            int count = processor ? rest.Length : (int)Math.Clamp(ScratchElements / perGroup, 1, rest.Length);
            int groups = processor ? Math.Min(count, GroupsPerCore * device.Multiprocessors) : count;
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(rest[..count]);
            using MemoryBuffer table = stream.Accelerator.Allocate(bytes.Length);
            using MemoryBuffer<float> scratch = stream.Accelerator.Allocate<float>(checked(perGroup * groups));
            stream.Upload(bytes, table, 0);
            ArrayView<TileJob> views = table.View<TileJob>();
            if (processor)
            {
                stream.Launch(
                    new KernelConfig(groups, 1),
                    new TileEigenProcessorKernels.DecomposeKernel(views, source, vectors, values, status, count, scratch.View, perGroup));
            }
            else
            {
                int threads = Math.Clamp((dimension * dimension / ElementsPerThread + 31) / 32 * 32, 32, Math.Min(TileEigenKernels.GroupThreads, device.MaxGroupThreads));
                stream.Launch(
                    new KernelConfig(groups, threads),
                    new TileEigenKernels.RotateKernel(views, source, vectors, values, status, scratch.View, perGroup));
            }

            rest = rest[count..];
        }

        ArrayPool<TileJob>.Shared.Return(jobs);
    }

    /// <summary>Large tiles first: the last group to finish should have little to do.</summary>
    private static TileJob[] Jobs(ReadOnlySpan<TileSlot> slots)
    {
        TileJob[] jobs = ArrayPool<TileJob>.Shared.Rent(slots.Length);
        int[] keys = ArrayPool<int>.Shared.Rent(slots.Length);
        int first = 0;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            jobs[slot] = new TileJob
            {
                Offset = slots[slot].Offset,
                Dimension = slots[slot].Dimension,
                Slot = slot,
                Damping = (float)slots[slot].Damping,
                First = first,
            };
            keys[slot] = -slots[slot].Dimension;
            first += slots[slot].Dimension;
        }

        Array.Sort(keys, jobs, 0, slots.Length);
        ArrayPool<int>.Shared.Return(keys);
        return jobs;
    }
}
