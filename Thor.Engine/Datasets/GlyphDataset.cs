using Thor.Kernels.Host;

namespace Thor.Engine.Datasets;

/// <summary>Makes the embedded data set. Image i of a seed is a function of the two alone.</summary>
internal static class GlyphDataset
{
    private const int PieceImages = 64;

    // Test images come from far away in the sequence, so that they do not depend on how many there are to train on.
    private const ulong FirstTestImage = 1UL << 40;

    public static Dataset Create(ulong seed, int trainCount, int testCount, ImageNormalization normalization) => new(
        "glyphs", Part(seed, 0, trainCount, normalization), Part(seed, FirstTestImage, testCount, normalization), GlyphShapes.Names);

    private static ImagePart Part(ulong seed, ulong first, int count, ImageNormalization normalization)
    {
        int classes = GlyphShapes.Names.Length;
        byte[] images = new byte[(long)count * GlyphPainter.Size * GlyphPainter.Size];
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)(i % classes);
        }

        WorkerPool.For((count + PieceImages - 1) / PieceImages, new Piece(seed, first, images, labels));
        return new ImagePart(images, labels, [1, GlyphPainter.Size, GlyphPainter.Size], classes, normalization);
    }

    /// <summary>Some images in a row.</summary>
    private readonly struct Piece(ulong seed, ulong first, byte[] images, byte[] labels) : IParallelBody
    {
        public void Invoke(int index)
        {
            const int Bytes = GlyphPainter.Size * GlyphPainter.Size;
            GlyphPainter painter = new();
            int end = Math.Min((index + 1) * PieceImages, labels.Length);
            for (int i = index * PieceImages; i < end; i++)
            {
                painter.Paint(labels[i], new GlyphRandom(seed, first + (ulong)i), images.AsSpan(i * Bytes, Bytes));
            }
        }
    }
}
