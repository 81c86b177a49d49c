using System.Numerics;

namespace Thor.Engine.Datasets;

/// <summary>How bytes become numbers: (byte / White - mean) / deviation, with a mean and a deviation for each channel.</summary>
public sealed class ImageNormalization
{
    private readonly float[] _scales;
    private readonly float[] _offsets;

    /// <summary>A normalisation of so many channels as there are means.</summary>
    /// <param name="means">Of byte / white, for each channel.</param>
    /// <param name="deviations">Standard deviations of byte / white, for each channel.</param>
    /// <param name="white">The byte that stands for 1.</param>
    /// <exception cref="ArgumentException">The counts differ, or a deviation or the white is not positive.</exception>
    public ImageNormalization(ReadOnlySpan<double> means, ReadOnlySpan<double> deviations, double white = 255)
    {
        if (means.Length != deviations.Length || means.IsEmpty)
        {
            throw new ArgumentException($"Expected one mean and one deviation for each channel, found {means.Length} and {deviations.Length}.", nameof(means));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(white);
        _scales = new float[means.Length];
        _offsets = new float[means.Length];
        for (int i = 0; i < means.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deviations[i], nameof(deviations));
            _scales[i] = (float)(1 / (white * deviations[i]));
            _offsets[i] = (float)(-means[i] / deviations[i]);
        }

        Means = means.ToArray();
        Deviations = deviations.ToArray();
        White = white;
    }

    /// <summary>Mean of each channel, of values in [0, 1].</summary>
    public IReadOnlyList<double> Means { get; }

    /// <summary>Standard deviation of each channel, of values in [0, 1].</summary>
    public IReadOnlyList<double> Deviations { get; }

    /// <summary>The byte that stands for 1.</summary>
    public double White { get; }

    /// <summary>Plain values in [0, 1], for so many channels.</summary>
    public static ImageNormalization Unit(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        double[] ones = new double[channels];
        ones.AsSpan().Fill(1);
        return new ImageNormalization(new double[channels], ones);
    }

    /// <summary>Converts one channel of an image.</summary>
    internal void Apply(int channel, ReadOnlySpan<byte> pixels, Span<float> numbers)
    {
        float scale = _scales[channel];
        float offset = _offsets[channel];
        int done = 0;
        Vector<float> scales = new(scale);
        Vector<float> offsets = new(offset);
        for (; done <= pixels.Length - Vector<byte>.Count; done += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[done..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            Span<float> target = numbers.Slice(done, Vector<byte>.Count);
            Convert(first, target);
            Convert(second, target[Vector<float>.Count..]);
            Convert(third, target[(2 * Vector<float>.Count)..]);
            Convert(fourth, target[(3 * Vector<float>.Count)..]);
        }

        // Fused, so that a pixel does not depend on whether it falls into the remainder.
        for (; done < pixels.Length; done++)
        {
            numbers[done] = MathF.FusedMultiplyAdd(pixels[done], scale, offset);
        }

        void Convert(Vector<uint> bytes, Span<float> target) =>
            Vector.FusedMultiplyAdd(Vector.ConvertToSingle(bytes), scales, offsets).CopyTo(target);
    }
}
