using System.Runtime.CompilerServices;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;

namespace Thor.Kernels.Kernels;

/// <summary>Launches random numbers of a Philox stream, with the host's bits.</summary>
public static class RandomLaunch
{
    private const int BlocksPerThread = 2048;
    private const int VectorBytes = 16;

    // A table per accelerator, as long as that lives.
    private static readonly ConditionalWeakTable<Accelerator, MemoryBuffer<float>> s_tables = [];

    /// <summary>Uniform numbers in [0, 1): one word each, from word number <paramref name="position"/> on.</summary>
    public static void Uniform(AcceleratorStream stream, ArrayView<float> y, ulong key, ulong position) =>
        Launch(stream, PhiloxKernels.Uniform, y, key, position, 0, 0);

    /// <summary>Standard normal numbers, likewise; see <see cref="NormalTable"/>.</summary>
    public static void Normal(AcceleratorStream stream, ArrayView<float> y, ulong key, ulong position) =>
        Launch(stream, PhiloxKernels.Normal, y, key, position, 0, 0);

    /// <summary>The value where an element's word is below the threshold, else 0.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="y">The mask.</param>
    /// <param name="key">Of the stream of words.</param>
    /// <param name="position">Of the first word.</param>
    /// <param name="threshold">Up to 2^32.</param>
    /// <param name="value">What is kept is multiplied by.</param>
    public static void Mask(AcceleratorStream stream, ArrayView<float> y, ulong key, ulong position, ulong threshold, float value)
    {
        // No word is below 0; else the largest that counts fits a word.
        uint last = threshold == 0 ? 0 : (uint)(threshold - 1);
        Launch(stream, PhiloxKernels.Mask, y, key, position, last, threshold == 0 ? 0 : value);
    }

    private static void Launch(AcceleratorStream stream, int kind, ArrayView<float> y, ulong key, ulong position, uint last, float value)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (y.Length == 0)
        {
            return;
        }

        int length = y.IntLength;
        int skip = (int)(position % 4);
        int blocks = (int)(((long)length + skip + 3) / 4);
        ReadOnlyView<float> table = kind == PhiloxKernels.Normal ? Table(stream.Accelerator) : default;
        SpecializedValue<int> specialized = new(kind);
        if (DeviceShape.IsProcessor(stream))
        {
            stream.Launch(KernelConfig.Cover(blocks, BlocksPerThread) with { Group = 1 }, new PhiloxKernels.AlongKernel(
                y, table, (uint)key, (uint)(key >> 32), position / 4, skip, length, BlocksPerThread, last, value, specialized));
            return;
        }

        int vectors = skip == 0 && y.OffsetInBytes % VectorBytes == 0 ? 1 : 0;
        stream.Launch(KernelConfig.Cover(blocks, PhiloxKernels.GroupSize), new PhiloxKernels.FillKernel(
            y, table, (uint)key, (uint)(key >> 32), position / 4, skip, length, 1, vectors, last, value, specialized));
    }

    private static ReadOnlyView<float> Table(Accelerator accelerator) =>
        s_tables.GetValue(accelerator, static a => a.Allocate(NormalTable.Float)).View;
}
