using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed unsafe class PoolingTests
{
    public static TheoryData<int, int, int, int, int, int, int, int> Windows => new()
    {
        { 2, 2, 2, 2, 0, 0, 28, 28 },
        { 2, 2, 2, 2, 0, 0, 14, 14 },
        { 2, 2, 2, 2, 0, 0, 5, 67 },
        { 2, 2, 2, 2, 0, 0, 4, 32 },
        { 2, 2, 2, 2, 0, 0, 3, 17 },
        { 2, 2, 1, 2, 0, 0, 9, 36 },
        { 3, 3, 2, 2, 1, 1, 9, 12 },
        { 3, 2, 1, 1, 2, 1, 6, 7 },
        { 1, 4, 3, 2, 0, 3, 8, 9 },
        { 7, 5, 7, 5, 0, 0, 7, 5 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void Max_OverWindowsWithTiesAndNaN_TakesTheFirstOfTheLargest(int ky, int kx, int sy, int sx, int py, int px, int height, int width)
    {
        Pooling2d geometry = new(ky, kx, sy, sx, py, px);
        Max<float>(geometry, height, width);
        Max<double>(geometry, height, width);
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Average_OverWindows_CountsWhatIsInside(int ky, int kx, int sy, int sx, int py, int px, int height, int width)
    {
        Pooling2d geometry = new(ky, kx, sy, sx, py, px);
        const int planes = 3;
        Random random = new(3);
        int outputs = geometry.OutputHeight(height) * geometry.OutputWidth(width);
        double[] x = [.. Enumerable.Range(0, planes * height * width).Select(_ => random.NextDouble() - 0.5)];
        double[] g = [.. Enumerable.Range(0, planes * outputs).Select(_ => random.NextDouble() - 0.5)];
        double[] y = new double[planes * outputs];
        double[] dx = new double[x.Length];
        Array.Fill(dx, double.NaN);
        fixed (double* pointer = x, target = y, gradient = g, back = dx)
        {
            Pooling.AverageForward(pointer, target, planes, height, width, geometry);
            Pooling.AverageGradient(gradient, back, planes, height, width, geometry);
        }

        for (int i = 0; i < y.Length; i++)
        {
            double[] window = [.. Window(geometry, i % outputs, height, width).Select(p => x[(i / outputs * height * width) + p])];
            Assert.Equal(window.Average(), y[i], 1e-14);
        }

        Assert.Equal(y.Zip(g, (a, b) => a * b).Sum(), x.Zip(dx, (a, b) => a * b).Sum(), 1e-12);
    }

    [Fact]
    public void Scatter_OfOverlappingWindows_AddsUp()
    {
        float[] gradient = [1, 2, 4];
        int[] indices = [3, 3, 0];
        float[] dx = [9, 9, 9, 9, 9];
        fixed (float* g = gradient, d = dx)
        fixed (int* i = indices)
        {
            Pooling.MaxScatter(g, i, d, 1, 3, 5);
        }

        Assert.Equal([4, 0, 0, 3, 0], dx);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void ScatterAndGather_WithAnIndexOutsideThePlane_Throw(int index)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            float value = 1;
            int position = index;
            float* plane = stackalloc float[5];
            Pooling.MaxScatter(&value, &position, plane, 1, 1, 5);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            float value = 1;
            int position = index;
            float* plane = stackalloc float[5];
            Pooling.MaxGather(plane, &position, &value, 1, 1, 5);
        });
    }

    private static void Max<T>(Pooling2d geometry, int height, int width)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int planes = 37;
        Random random = new(5);
        int outputs = geometry.OutputHeight(height) * geometry.OutputWidth(width);

        // Few different values, so that many windows have ties; some NaNs, zeros of both signs and infinities.
        T[] x = new T[planes * height * width];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = random.Next(40) switch
            {
                0 => T.NaN,
                1 => T.NegativeZero,
                2 => T.NegativeInfinity,
                int v => T.CreateTruncating((v % 5) - 2),
            };
        }

        T[] y = new T[planes * outputs];
        T[] gathered = new T[planes * outputs];
        T[] dx = new T[x.Length];
        int[] indices = new int[planes * outputs];
        Array.Fill(dx, T.One);
        fixed (T* pointer = x, target = y, copy = gathered, back = dx)
        fixed (int* chosen = indices)
        {
            Pooling.MaxForward(pointer, target, chosen, planes, height, width, geometry);
            Pooling.MaxGather(pointer, chosen, copy, planes, outputs, height * width);
            Pooling.MaxScatter(target, chosen, back, planes, outputs, height * width);
        }

        T[] expectedBack = new T[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            T[] image = x[(i / outputs * height * width)..((i / outputs * height * width) + (height * width))];
            int[] window = [.. Window(geometry, i % outputs, height, width)];
            int firstNaN = Array.FindIndex(window, p => T.IsNaN(image[p]));
            int best = firstNaN >= 0 ? window[firstNaN] : window.First(p => window.All(q => image[q] <= image[p]));
            Assert.Equal(best, indices[i]);
            Assert.Equal(image[best], y[i]);
            Assert.Equal(image[best], gathered[i]);
            expectedBack[(i / outputs * height * width) + best] += y[i];
        }

        Assert.Equal(expectedBack, dx);
    }

    private static IEnumerable<int> Window(Pooling2d geometry, int output, int height, int width)
    {
        int oy = output / geometry.OutputWidth(width);
        int ox = output % geometry.OutputWidth(width);
        for (int ky = 0; ky < geometry.KernelY; ky++)
        {
            for (int kx = 0; kx < geometry.KernelX; kx++)
            {
                int iy = (oy * geometry.StrideY) + ky - geometry.PaddingY;
                int ix = (ox * geometry.StrideX) + kx - geometry.PaddingX;
                if (iy >= 0 && iy < height && ix >= 0 && ix < width)
                {
                    yield return (iy * width) + ix;
                }
            }
        }
    }
}
