using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

[Collection(SharedPoolCollection.Name)]
[Trait("Simd", "true")]
public sealed unsafe class ConvolutionTests
{
    private static readonly Convolution2d[] s_geometries =
    [
        new(1),
        new(1, 1, 1, 1),
        new(1, 1, 2, 2),
        new(2, 2, 1, 1),
        new(2, 2),
        new(3, 2, 1, 2),
        new(1, 2, 3, 0, 2, 1),
        new(2, 1, 2, 4, 1, 3),
        new(3, 3, 2, 2, 2, 2),
        new(1, 1, 4, 5),
    ];

    public static TheoryData<int> Geometries => [.. Enumerable.Range(0, s_geometries.Length)];

    [Theory]
    [MemberData(nameof(Geometries))]
    public void AllProducts_OverKernelsAndChannels_AgreeWithTheDefinition(int geometry)
    {
        (int Y, int X)[] kernels = [(1, 1), (3, 3), (2, 5), (5, 1)];
        (int Inputs, int Outputs)[] channels = [(1, 1), (3, 17), (16, 16), (17, 33), (33, 3), (2, 40)];
        int i = geometry;
        foreach ((int ky, int kx) in kernels)
        {
            foreach ((int inputs, int outputs) in channels)
            {
                // Widths around one and two registers, heights other than widths; small ones with many channels.
                int width = (i % 5) switch { 0 => 7, 1 => 16, 2 => 33, 3 => 14, _ => 20 };
                int height = 5 + (i % 4);
                ConvolutionShape shape = new(1 + (i % 3), inputs, height, width, outputs, ky, kx, s_geometries[geometry]);
                i++;
                if (shape.OutputPlane > 0)
                {
                    Check<float>(shape, i);
                    Check<double>(shape, i);
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 4, 6, 2)]
    [InlineData(4, 4, 8, 4)]
    [InlineData(3, 34, 66, 2)]
    [InlineData(1, 6, 6, 6)]
    public void AllProducts_InGroups_AgreeWithTheDefinition(int batch, int inputs, int outputs, int groups)
    {
        Check<float>(new ConvolutionShape(batch, inputs, 9, 18, outputs, 3, 3, new(1, 1, 1, 1, Groups: groups)), 5);
        Check<double>(new ConvolutionShape(batch, inputs, 9, 8, outputs, 3, 2, new(2, 2, 1, 1, Groups: groups)), 6);
        Check<float>(new ConvolutionShape(batch, inputs, 6, 7, outputs, 1, 1, new(1, Groups: groups)), 7);
    }

    [Theory]
    [InlineData(1, 28, 32, 5, 2, 1)]
    [InlineData(32, 14, 24, 5, 2, 1)]
    [InlineData(3, 32, 16, 3, 1, 1)]
    [InlineData(16, 32, 32, 3, 1, 2)]
    [InlineData(64, 8, 40, 3, 1, 1)]
    [InlineData(16, 28, 16, 3, 1, 1)]
    [InlineData(32, 16, 64, 1, 0, 2)]
    public void AllProducts_AtNetworkSizes_AgreeWithTheDefinition(int inputs, int size, int outputs, int kernel, int padding, int stride) =>
        Check<float>(new ConvolutionShape(2, inputs, size, size, outputs, kernel, kernel, new(stride, stride, padding, padding)), 8);

    [Fact]
    public void AllProducts_OfSmallIntegers_AreExact()
    {
        ConvolutionShape shape = new(19, 17, 9, 19, 35, 3, 3, new(1, 1, 1, 1));
        float[] x = Integers(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        float[] w = Integers(shape.Outputs * shape.GroupInputs * 9, 2);
        float[] dy = Integers(shape.Batch * shape.Outputs * shape.OutputPlane, 3);
        ConvolutionReference reference = new(shape, Doubles(x), Doubles(w), Doubles(dy));
        Assert.Equal(reference.Forward.Values, Doubles(Forward(shape, x, w, null)));
        Assert.Equal(reference.InputGradient.Values, Doubles(InputGradient(shape, dy, w)));
        Assert.Equal(reference.WeightGradient.Values, Doubles(WeightGradient(shape, x, dy)));
    }

    [Fact]
    public void Forward_OfAThreeByThreeImage_GivesTheNumbersOfTheHandCalculation()
    {
        float[] x = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        float[] w = [1, 0, -1, 2];
        Assert.Equal([1 - 4 + 10 + 0.5f, 2 - 5 + 12 + 0.5f, 4 - 7 + 16 + 0.5f, 5 - 8 + 18 + 0.5f], Forward(new ConvolutionShape(1, 1, 3, 3, 1, 2, 2, Convolution2d.Default), x, w, [0.5f]));

        // Stride 2 with padding 1 meets each corner with the one tap that reaches it.
        Assert.Equal([2 * 1, -2 + (2 * 3), 2 * 7, 5 - 8 + (2 * 9)], Forward(new ConvolutionShape(1, 1, 3, 3, 1, 2, 2, new(2, 2, 1, 1)), x, w, null));
    }

    [Fact]
    public void Gradients_AreAdjointToForward()
    {
        ConvolutionShape shape = new(3, 18, 11, 17, 20, 3, 5, new(2, 3, 1, 2, 2, 1, 2));
        double[] x = Numbers<double>(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        double[] w = Numbers<double>(shape.Outputs * shape.GroupInputs * 15, 2);
        double[] dy = Numbers<double>(shape.Batch * shape.Outputs * shape.OutputPlane, 3);
        double forward = Dot(Forward(shape, x, w, null), dy);
        Assert.Equal(forward, Dot(x, InputGradient(shape, dy, w)), 1e-9);
        Assert.Equal(forward, Dot(w, WeightGradient(shape, x, dy)), 1e-9);
    }

    [Theory]
    [InlineData(1, 28, 32)]
    [InlineData(20, 14, 40)]
    public void AllProducts_OnOneThreadAndOnAll_GiveTheSameBits(int inputs, int size, int outputs)
    {
        ConvolutionShape shape = new(21, inputs, size, size, outputs, 5, 5, new(1, 1, 2, 2));
        float[] x = Numbers<float>(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        float[] w = Numbers<float>(shape.Outputs * shape.GroupInputs * 25, 2);
        float[] bias = Numbers<float>(shape.Outputs, 3);
        float[] dy = Numbers<float>(shape.Batch * shape.Outputs * shape.OutputPlane, 4);
        float[][] all = [Forward(shape, x, w, bias), InputGradient(shape, dy, w), WeightGradient(shape, x, dy)];
        int threads = WorkerPool.Shared.Threads;
        try
        {
            WorkerPool.Shared.Threads = 1;
            float[][] one = [Forward(shape, x, w, bias), InputGradient(shape, dy, w), WeightGradient(shape, x, dy)];
            Assert.Equal(all, one);
        }
        finally
        {
            WorkerPool.Shared.Threads = threads;
        }
    }

    [Fact]
    public void AllProducts_OfNoImages_WriteNothingButZeroWeights()
    {
        ConvolutionShape shape = new(0, 3, 8, 8, 4, 3, 3, new(1, 1, 1, 1));
        float[] w = Numbers<float>(108, 1);
        Assert.Empty(Forward(shape, [], w, null));
        Assert.Empty(InputGradient(shape, [], w));
        Assert.Equal(new float[108], WeightGradient<float>(shape, [], []));
    }

    [Fact]
    public void Forward_WithNaNAndInfinityInOneImage_LeavesTheOthersFinite()
    {
        ConvolutionShape shape = new(3, 2, 6, 18, 3, 3, 3, new(1, 1, 1, 1));
        float[] x = Numbers<float>(shape.Batch * shape.Inputs * shape.InputPlane, 1);
        x[shape.Inputs * shape.InputPlane] = float.NaN;
        x[(2 * shape.Inputs * shape.InputPlane) - 1] = float.PositiveInfinity;
        float[] y = Forward(shape, x, Numbers<float>(54, 2), null);
        int image = shape.Outputs * shape.OutputPlane;
        Assert.All(y[..image], v => Assert.True(float.IsFinite(v)));
        Assert.True(float.IsNaN(y[image]));
        Assert.All(y[(2 * image)..], v => Assert.True(float.IsFinite(v)));
    }

    private static void Check<T>(in ConvolutionShape shape, int seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] x = Numbers<T>(shape.Batch * shape.Inputs * shape.InputPlane, seed);
        T[] w = Numbers<T>(shape.Outputs * shape.GroupInputs * shape.KernelY * shape.KernelX, seed + 1);
        T[] bias = Numbers<T>(shape.Outputs, seed + 2);
        T[] dy = Numbers<T>(shape.Batch * shape.Outputs * shape.OutputPlane, seed + 3);
        ConvolutionReference reference = new(shape, Doubles(x), Doubles(w), Doubles(dy));
        for (int i = 0; i < dy.Length; i++)
        {
            reference.Forward.Add(i, double.CreateTruncating(bias[i / shape.OutputPlane % shape.Outputs]));
        }

        Compare(Forward(shape, x, w, bias), reference.Forward, $"forward {shape}");
        Compare(InputGradient(shape, dy, w), reference.InputGradient, $"input gradient {shape}");
        Compare(WeightGradient(shape, x, dy), reference.WeightGradient, $"weight gradient {shape}");
    }

    // A sum of n products, in any order, is off by at most n + 1 roundings of the sum of the absolute values.
    private static void Compare<T>(T[] actual, ConvolutionReference.Sum expected, string what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double rounding = typeof(T) == typeof(float) ? Math.Pow(2, -24) : Math.Pow(2, -53);
        for (int i = 0; i < actual.Length; i++)
        {
            // Twice, because the float64 reference rounds as well.
            double bound = 2 * (expected.Terms[i] + 1) * rounding * expected.Magnitudes[i];
            double error = Math.Abs(double.CreateTruncating(actual[i]) - expected.Values[i]);
            if (!(error <= bound))
            {
                Assert.Fail($"{what}, element {i}: {actual[i]} instead of {expected.Values[i]}, off by {error}, allowed {bound}");
            }
        }
    }

    private static T[] Forward<T>(in ConvolutionShape shape, T[] x, T[] w, T[]? bias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] y = Garbage<T>(shape.Batch * shape.Outputs * shape.OutputPlane);
        fixed (T* px = x, pw = w, pb = bias, py = y)
        {
            Convolution.Forward(px, pw, pb, py, shape);
        }

        return y;
    }

    private static T[] InputGradient<T>(in ConvolutionShape shape, T[] dy, T[] w)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] dx = Garbage<T>(shape.Batch * shape.Inputs * shape.InputPlane);
        fixed (T* pdy = dy, pw = w, pdx = dx)
        {
            Convolution.InputGradient(pdy, pw, pdx, shape);
        }

        return dx;
    }

    private static T[] WeightGradient<T>(in ConvolutionShape shape, T[] x, T[] dy)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] dw = Garbage<T>(shape.Outputs * shape.GroupInputs * shape.KernelY * shape.KernelX);
        fixed (T* px = x, pdy = dy, pdw = dw)
        {
            Convolution.WeightGradient(px, pdy, pdw, shape);
        }

        return dw;
    }

    private static T[] Garbage<T>(int length)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] values = new T[length];
        Array.Fill(values, T.NaN);
        return values;
    }

    private static T[] Numbers<T>(int length, int seed)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Random random = new(seed);
        T[] values = new T[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = T.CreateTruncating((2 * random.NextDouble()) - 1);
        }

        return values;
    }

    private static float[] Integers(int length, int seed)
    {
        Random random = new(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = random.Next(-4, 5);
        }

        return values;
    }

    private static double[] Doubles<T>(T[] values)
        where T : unmanaged, IFloatingPointIeee754<T> => Array.ConvertAll(values, double.CreateTruncating);

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
