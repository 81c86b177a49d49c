using System.Diagnostics;
using Thor.Bench.Invert;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Bench.TileSize;

/// <summary>Times the inversion of all tiles of all factors on a device, the candidates taking turns.</summary>
internal static class InversionTimer
{
    private const int Samples = 15;
    private const int FewestSamples = 3;
    private const double ShortestSampleMilliseconds = 10;
    private const double Patience = 20;

    /// <summary>Median milliseconds of one call that inverts everything.</summary>
    /// <param name="factors">Whole factors.</param>
    /// <param name="tileSizes">Candidates, at most <see cref="TileLayout.MaximumDimension"/> each.</param>
    /// <param name="device">Where they are inverted.</param>
    /// <exception cref="InvalidOperationException">A tile could not be inverted.</exception>
    public static double[] Measure(IReadOnlyList<WholeFactor> factors, IReadOnlyList<int> tileSizes, Device device)
    {
        using TensorScope scope = TensorScope.Begin();
        Call[] calls = [.. tileSizes.Select(size => new Call(factors, size, device))];
        List<double>[] samples = [.. calls.Select(static _ => new List<double>())];
        int[] repeats = [.. calls.Select(Calibrate)];
        long begin = Stopwatch.GetTimestamp();
        for (int sample = 0; sample < Samples && (sample < FewestSamples || Stopwatch.GetElapsedTime(begin).TotalSeconds < Patience); sample++)
        {
            for (int i = 0; i < calls.Length; i++)
            {
                samples[i].Add(calls[i].Milliseconds(repeats[i]));
            }
        }

        return [.. samples.Select(static times => TileTimes.Quantile(times, 0.5))];
    }

    /// <summary>Calls of a sample, after the first, which compiles and is checked.</summary>
    private static int Calibrate(Call call)
    {
        call.Milliseconds(1);
        call.Check();
        int repeats = 1;
        while (call.Milliseconds(repeats) < ShortestSampleMilliseconds / repeats)
        {
            repeats *= 2;
        }

        return repeats;
    }

    /// <summary>One candidate's tiles on the device.</summary>
    private sealed class Call
    {
        private readonly int _tileSize;
        private readonly Backend _backend;
        private readonly Tensor _source;
        private readonly Tensor _destination;
        private readonly Tensor _status;
        private readonly TileSlot[] _slots;

        public Call(IReadOnlyList<WholeFactor> factors, int tileSize, Device device)
        {
            _tileSize = tileSize;
            _backend = device.Backend;
            List<TileSlot> slots = [];
            float[] packed = new float[factors.Sum(factor => TileLayout.Length(factor.Dimension, tileSize))];
            long offset = 0;
            foreach (WholeFactor factor in factors)
            {
                foreach (TileSlot slot in TileLayout.Slots(factor.Dimension, tileSize, factor.Damping))
                {
                    int first = (int)(slot.Offset / tileSize); // tiles are tileSize wide, all but the last, so this is the tile's first row
                    TileSlot placed = slot with { Offset = offset + slot.Offset };
                    slots.Add(placed);
                    Copy(factor, first, placed, packed);
                }

                offset += TileLayout.Length(factor.Dimension, tileSize);
            }

            _slots = [.. slots];
            _source = Tensor.From(packed, [packed.Length], device);
            _destination = _source.EmptyLike(_source.Shape);
            _status = Tensor.Empty([_slots.Length], DType.Int32, device);
        }

        /// <summary>Mean time of a call, from the first to the device's end of the last.</summary>
        public double Milliseconds(int repeats)
        {
            _backend.Synchronize();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                _backend.TileInverse(_source, _destination, _slots, _status);
            }

            _backend.Synchronize();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / repeats;
        }

        public void Check()
        {
            int[] status = _status.ToArray<int>();
            int bad = Array.FindIndex(status, static code => code != 0);
            if (bad >= 0)
            {
                throw new InvalidOperationException($"With tiles of {_tileSize}, tile {bad} of {status.Length} was not inverted: status {status[bad]}.");
            }
        }

        private static void Copy(WholeFactor factor, int first, in TileSlot slot, float[] packed)
        {
            for (int row = 0; row < slot.Dimension; row++)
            {
                for (int column = 0; column < slot.Dimension; column++)
                {
                    packed[slot.Offset + (row * slot.Dimension) + column] = (float)factor.Elements[((first + row) * factor.Dimension) + first + column];
                }
            }
        }
    }
}
