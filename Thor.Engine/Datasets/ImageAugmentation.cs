using Thor.Engine.RandomNumbers;

namespace Thor.Engine.Datasets;

/// <summary>Random variation of training images: a crop of the image padded with zero bytes on every side, and a mirror image half of the time.</summary>
/// <param name="Padding">Pixels added on every side before a crop of the original size is cut out; 0 for none.</param>
/// <param name="Flip">Mirrors left and right with probability 1/2.</param>
public sealed record ImageAugmentation(int Padding, bool Flip)
{
    /// <summary>The customary one for CIFAR: padding 4 and mirror images.</summary>
    public static ImageAugmentation Cifar { get; } = new(4, true);

    /// <summary>Writes a varied image.</summary>
    internal void Apply(ReadOnlySpan<byte> image, Shape shape, RandomStream random, Span<byte> varied)
    {
        int height = shape[1];
        int width = shape[2];
        int down = random.NextInt((2 * Padding) + 1) - Padding;
        int right = random.NextInt((2 * Padding) + 1) - Padding;
        bool mirrored = Flip && random.NextInt(2) == 1;
        int first = Math.Max(0, -right);
        int count = Math.Max(0, width - Math.Abs(right));
        varied.Clear();
        for (int row = 0; row < shape[0] * height; row++)
        {
            int y = (row % height) + down;
            if (y < 0 || y >= height)
            {
                continue;
            }

            Span<byte> target = varied.Slice(row * width, width);
            image.Slice(((row + down) * width) + first + right, count).CopyTo(target[first..]);
            if (mirrored)
            {
                target.Reverse();
            }
        }
    }
}
