using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>
/// A layer under a preconditioner, with output gradients that the test chooses: the loss is the batch mean of coefficients times outputs, so
/// the gradient of the per-sample loss is the coefficients.
/// </summary>
internal static class CurvatureBench
{
    /// <summary>Options with a refresh at every step, nothing clipped.</summary>
    public static KroneckerOptions Plain(int tileSize = 4, double damping = 0.1) =>
        new() { TileSize = tileSize, Damping = damping, KlClip = null, Refresh = RefreshSchedule.Every(1) };

    /// <summary>One forward and backward pass.</summary>
    public static void Pass(Layer layer, Tensor input, Tensor coefficients)
    {
        Variable output = layer.Forward(input);
        ((output * coefficients).Sum() * (1.0 / input.Shape[0])).Backward();
    }

    /// <summary>Normal numbers, the same for the same seed.</summary>
    public static Tensor Normal(ulong seed, params int[] shape) => new RandomStream(seed).Normal(new Shape(shape), DType.Float64);

    /// <summary>A tensor as a matrix whose columns are the last axis.</summary>
    public static Matrix<double> Matrix(Tensor tensor) => Matrix(tensor, tensor.Shape[-1]);

    /// <summary>A tensor as a matrix with that many columns.</summary>
    public static Matrix<double> Matrix(Tensor tensor, int columns)
    {
        double[] values = tensor.To(Device.Host).Cast(DType.Float64).ToArray<double>();
        return Matrix<double>.Build.Dense(values.Length / columns, columns, (i, j) => values[(i * columns) + j]);
    }

    /// <summary>The whole symmetric matrix of a run of tiles, zero off the tiles.</summary>
    public static Matrix<double> Whole(KroneckerFactor factor, Tensor run)
    {
        Matrix<double> whole = Matrix<double>.Build.Dense(factor.Dimension, factor.Dimension);
        for (int tile = 0; tile < factor.TileCount; tile++)
        {
            whole.SetSubMatrix(tile * factor.TileSize, tile * factor.TileSize, Matrix(factor.Tile(run, tile)));
        }

        return whole;
    }

    /// <summary>A matrix with everything off the diagonal tiles set to zero.</summary>
    public static Matrix<double> Masked(Matrix<double> matrix, int tileSize) =>
        matrix.MapIndexed((i, j, value) => i / tileSize == j / tileSize ? value : 0);

    /// <summary>(matrix + damping I)^-1.</summary>
    public static Matrix<double> DampedInverse(Matrix<double> matrix, double damping) =>
        (matrix + (damping * Matrix<double>.Build.DenseIdentity(matrix.RowCount))).Inverse();

    /// <summary>Largest difference, relative to the largest expected element.</summary>
    public static double Error(Matrix<double> expected, Matrix<double> actual) =>
        (expected - actual).Enumerate().Max(Math.Abs) / Math.Max(1e-300, expected.Enumerate().Max(Math.Abs));

    /// <summary>The rows that one group of a convolution sees, cut out element by element.</summary>
    public static Matrix<double> Patches(Tensor images, Shape output, Convolution2d geometry, int kernelY, int kernelX, int group)
    {
        double[] pixels = images.ToArray<double>();
        (int samples, int channels, int height, int width) = (images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3]);
        int own = channels / geometry.Groups;
        Matrix<double> patches = Matrix<double>.Build.Dense(samples * output[2] * output[3], own * kernelY * kernelX);
        int row = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int oy = 0; oy < output[2]; oy++)
            {
                for (int ox = 0; ox < output[3]; ox++)
                {
                    int column = 0;
                    for (int c = group * own; c < (group + 1) * own; c++)
                    {
                        for (int ky = 0; ky < kernelY; ky++)
                        {
                            for (int kx = 0; kx < kernelX; kx++)
                            {
                                int y = (oy * geometry.StrideY) - geometry.PaddingY + (ky * geometry.DilationY);
                                int x = (ox * geometry.StrideX) - geometry.PaddingX + (kx * geometry.DilationX);
                                bool inside = y >= 0 && y < height && x >= 0 && x < width;
                                patches[row, column++] = inside ? pixels[(((((n * channels) + c) * height) + y) * width) + x] : 0;
                            }
                        }
                    }

                    row++;
                }
            }
        }

        return patches;
    }
}
