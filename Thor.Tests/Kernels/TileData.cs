using System.Numerics;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Operands of the tile primitives and their naive float64 references.</summary>
internal static class TileData
{
    public static Backend Host => BackendRegistry.Get(Device.Host);

    /// <summary>Numbers in [-1, 1) that float holds exactly.</summary>
    public static T[] Numbers<T>(int count, int seed)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        System.Random random = new(seed);
        T[] numbers = new T[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = T.CreateTruncating((float)((random.NextDouble() * 2) - 1));
        }

        return numbers;
    }

    /// <summary>decay * held + scale * (diagonal tiles of X^T X), packed, in float64.</summary>
    public static double[] Covariance<T>(ReadOnlySpan<T> x, int stride, int rows, int dimension, int tileSize, double scale, double decay, T[] held)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        double[] result = new double[TileLayout.Length(dimension, tileSize)];
        for (int tile = 0; tile < TileLayout.Count(dimension, tileSize); tile++)
        {
            int n = TileLayout.Dimension(dimension, tileSize, tile);
            long offset = TileLayout.Offset(tileSize, tile);
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = 0;
                    for (int row = 0; row < rows; row++)
                    {
                        int at = (row * stride) + (tile * tileSize);
                        sum += double.CreateTruncating(x[at + i]) * double.CreateTruncating(x[at + j]);
                    }

                    long index = offset + (i * n) + j;
                    result[index] = (scale * sum) + (decay == 0 ? 0 : decay * double.CreateTruncating(held[index]));
                }
            }
        }

        return result;
    }

    /// <summary>One row per sample and window position, one column per (channel of the group, kernel row, kernel column).</summary>
    public static T[] Patches<T>(ReadOnlySpan<T> images, Shape shape, int kernelY, int kernelX, in Convolution2d geometry, int group, out int columns)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        int channels = shape[1] / geometry.Groups;
        columns = channels * kernelY * kernelX;
        List<T> rows = [];
        for (int image = 0; image < shape[0]; image++)
        {
            for (int y = 0; y < geometry.OutputHeight(shape[2], kernelY); y++)
            {
                for (int x = 0; x < geometry.OutputWidth(shape[3], kernelX); x++)
                {
                    for (int column = 0; column < columns; column++)
                    {
                        int channel = (group * channels) + (column / (kernelY * kernelX));
                        int row = (y * geometry.StrideY) - geometry.PaddingY + (column / kernelX % kernelY * geometry.DilationY);
                        int pixel = (x * geometry.StrideX) - geometry.PaddingX + (column % kernelX * geometry.DilationX);
                        bool inside = row >= 0 && row < shape[2] && pixel >= 0 && pixel < shape[3];
                        rows.Add(inside ? images[(((((image * shape[1]) + channel) * shape[2]) + row) * shape[3]) + pixel] : T.Zero);
                    }
                }
            }
        }

        return [.. rows];
    }

    /// <summary>Tile i of left * block (i, j) of gradient * tile j of right, in float64.</summary>
    public static double[] Precondition<T>(T[] left, T[] right, T[] gradient, int rows, int columns, int tileSize)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        double[] half = new double[rows * columns];
        double[] result = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            int top = i / tileSize * tileSize;
            int m = Math.Min(tileSize, rows - top);
            for (int j = 0; j < columns; j++)
            {
                for (int k = 0; k < m; k++)
                {
                    half[(i * columns) + j] += double.CreateTruncating(left[(top * tileSize) + ((i - top) * m) + k])
                        * double.CreateTruncating(gradient[((top + k) * columns) + j]);
                }
            }

            for (int j = 0; j < columns; j++)
            {
                int start = j / tileSize * tileSize;
                int n = Math.Min(tileSize, columns - start);
                for (int k = 0; k < n; k++)
                {
                    result[(i * columns) + j] += half[(i * columns) + start + k]
                        * double.CreateTruncating(right[(start * tileSize) + (k * n) + (j - start)]);
                }
            }
        }

        return result;
    }

    /// <summary>Packed random tiles, symmetric bit for bit.</summary>
    public static T[] SymmetricTiles<T>(int dimension, int tileSize, int seed)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        T[] tiles = Numbers<T>((int)TileLayout.Length(dimension, tileSize), seed);
        foreach (TileSlot slot in TileLayout.Slots(dimension, tileSize))
        {
            Mirror(tiles.AsSpan((int)slot.Offset, slot.Dimension * slot.Dimension), slot.Dimension);
        }

        return tiles;
    }

    /// <summary>Copies the upper triangle of a matrix to the lower one.</summary>
    public static void Mirror<T>(Span<T> tile, int n)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                tile[(i * n) + j] = tile[(j * n) + i];
            }
        }
    }

    /// <summary>Every element within a bound of the reference; the bound is relative to the largest magnitude.</summary>
    public static void Near<T>(double[] expected, ReadOnlySpan<T> actual, int terms)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        double epsilon = double.CreateTruncating(T.BitIncrement(T.One) - T.One);
        double largest = 0;
        foreach (double value in expected)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        // Random rounding errors of a sum of this many terms, eight standard deviations, plus those of the epilogue.
        double bound = epsilon * largest * ((8 * Math.Sqrt(terms)) + 4);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(double.CreateTruncating(actual[i]) - expected[i]);
            Assert.True(error <= bound, $"element {i}: expected {expected[i]:R}, got {actual[i]}, bound {bound:E2}");
        }
    }
}
