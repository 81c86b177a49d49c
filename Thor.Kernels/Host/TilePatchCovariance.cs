using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Diagonal tiles of P^T P for the patches P that a convolution sees.</summary>
public static unsafe class TilePatchCovariance
{
    /// <summary>tiles = decay * tiles + scale * (diagonal tiles of P^T P); with decay 0 the tiles are not read.</summary>
    /// <typeparam name="T">float or double; sums accumulate in it.</typeparam>
    /// <param name="images">(batch, channels, height, width), contiguous.</param>
    /// <param name="patches">Which patches.</param>
    /// <param name="tileSize">Tile dimension.</param>
    /// <param name="scale">Factor of the new sums.</param>
    /// <param name="decay">Factor of what the tiles hold.</param>
    /// <param name="tiles">Packed tiles, full and symmetric.</param>
    public static void Accumulate<T>(T* images, in TilePatches patches, int tileSize, double scale, double decay, T* tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int positions = patches.Positions;
        int columns = patches.Columns;
        T[] strip = new T[Math.Max(1, (long)positions * columns)];
        fixed (T* rows = strip)
        {
            for (int image = 0; image < patches.Batch; image++)
            {
                Gather(images, patches, image, rows);
                TileCovariance.Accumulate(rows, columns, positions, columns, tileSize, scale, image == 0 ? decay : 1, tiles);
            }

            if (patches.Batch == 0)
            {
                TileCovariance.Accumulate(rows, columns, 0, columns, tileSize, scale, decay, tiles);
            }
        }
    }

    private static void Gather<T>(T* images, in TilePatches patches, int image, T* rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Convolution2d geometry = patches.Geometry;
        int outputWidth = patches.OutputWidth;
        for (int position = 0; position < patches.Positions; position++)
        {
            int top = ((position / outputWidth) * geometry.StrideY) - geometry.PaddingY;
            int left = ((position % outputWidth) * geometry.StrideX) - geometry.PaddingX;
            for (int channel = 0; channel < patches.GroupChannels; channel++)
            {
                long plane = ((long)image * patches.Channels) + (patches.Group * patches.GroupChannels) + channel;
                T* pixels = images + (plane * patches.Height * patches.Width);
                for (int ky = 0; ky < patches.KernelY; ky++)
                {
                    int y = top + (ky * geometry.DilationY);
                    for (int kx = 0; kx < patches.KernelX; kx++)
                    {
                        int x = left + (kx * geometry.DilationX);
                        bool inside = (uint)y < (uint)patches.Height && (uint)x < (uint)patches.Width;
                        *rows++ = inside ? pixels[(y * patches.Width) + x] : T.Zero;
                    }
                }
            }
        }
    }
}
