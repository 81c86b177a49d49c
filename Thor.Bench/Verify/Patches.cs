using Thor.Engine;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>What a convolution's kernel sees, pixel by pixel.</summary>
internal static class Patches
{
    /// <summary>One row for each sample and output position; columns are channels of one group, kernel rows and kernel columns.</summary>
    public static ReferenceMatrix Of(Tensor images, Shape output, Convolution2d geometry, int kernelY, int kernelX, int group)
    {
        double[] pixels = images.ToArray<double>();
        (int channels, int height, int width) = (images.Shape[1], images.Shape[2], images.Shape[3]);
        int own = channels / geometry.Groups;
        ReferenceMatrix patches = new(images.Shape[0] * output[2] * output[3], own * kernelY * kernelX);
        for (int row = 0; row < patches.Rows; row++)
        {
            (int n, int y, int x) = (row / (output[2] * output[3]), row / output[3] % output[2], row % output[3]);
            for (int column = 0; column < patches.Columns; column++)
            {
                int channel = (group * own) + (column / (kernelY * kernelX));
                int sy = (y * geometry.StrideY) - geometry.PaddingY + (column / kernelX % kernelY * geometry.DilationY);
                int sx = (x * geometry.StrideX) - geometry.PaddingX + (column % kernelX * geometry.DilationX);
                bool inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
                patches[row, column] = inside ? pixels[(((((n * channels) + channel) * height) + sy) * width) + sx] : 0;
            }
        }

        return patches;
    }
}
