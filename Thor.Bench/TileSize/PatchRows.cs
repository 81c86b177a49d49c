using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.TileSize;

/// <summary>The patch matrix of a convolution, some images at a time.</summary>
internal static class PatchRows
{
    // Enough rows for an efficient product, few enough for a modest buffer.
    private const long ElementsOfChunk = 1 << 22;

    /// <summary>Hands out all rows, one for each image and window position, in pieces.</summary>
    /// <param name="images">Images (batch, channels, height, width), row by row.</param>
    /// <param name="patches">What rows and columns are.</param>
    /// <param name="use">Given (rows, columns), which lives during the call only.</param>
    public static void ForEachChunk(float[] images, TilePatches patches, Action<Tensor> use)
    {
        long elementsOfImage = Math.Max(1, (long)patches.Positions * patches.Columns);
        int imagesOfChunk = (int)Math.Clamp(ElementsOfChunk / elementsOfImage, 1, Math.Max(1, patches.Batch));
        float[] rows = new float[imagesOfChunk * elementsOfImage];
        for (int first = 0; first < patches.Batch; first += imagesOfChunk)
        {
            int count = Math.Min(imagesOfChunk, patches.Batch - first);
            for (int image = 0; image < count; image++)
            {
                Fill(images, patches, first + image, rows.AsSpan((int)(image * elementsOfImage), (int)elementsOfImage));
            }

            using Tensor chunk = Tensor.From<float>(rows.AsSpan(0, (int)(count * elementsOfImage)), [count * patches.Positions, patches.Columns]);
            use(chunk);
        }
    }

    /// <summary>The rows of one image; what lies outside of it is zero.</summary>
    private static void Fill(float[] images, in TilePatches patches, int image, Span<float> rows)
    {
        Convolution2d geometry = patches.Geometry;
        int next = 0;
        for (int y = 0; y < patches.OutputHeight; y++)
        {
            for (int x = 0; x < patches.OutputWidth; x++)
            {
                for (int channel = 0; channel < patches.GroupChannels; channel++)
                {
                    int plane = ((image * patches.Channels) + (patches.Group * patches.GroupChannels) + channel) * patches.Height;
                    for (int kernelY = 0; kernelY < patches.KernelY; kernelY++)
                    {
                        int row = (y * geometry.StrideY) + (kernelY * geometry.DilationY) - geometry.PaddingY;
                        for (int kernelX = 0; kernelX < patches.KernelX; kernelX++)
                        {
                            int column = (x * geometry.StrideX) + (kernelX * geometry.DilationX) - geometry.PaddingX;
                            bool inside = (uint)row < (uint)patches.Height && (uint)column < (uint)patches.Width;
                            rows[next++] = inside ? images[((plane + row) * patches.Width) + column] : 0;
                        }
                    }
                }
            }
        }
    }
}
