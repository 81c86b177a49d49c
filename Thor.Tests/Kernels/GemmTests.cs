using System.Numerics;
using System.Runtime.InteropServices;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

/// <summary>Products of every shape, layout and option against sums in double, with the error bound of a sum of k products.</summary>
[Collection(SharedPoolCollection.Name)]
[Trait("Simd", "true")]
public sealed unsafe class GemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 1, 7 }, { 1, 33, 17 }, { 13, 1, 31 }, { 2, 3, 5 }, { 5, 10, 97 }, { 12, 32, 16 }, { 12, 16, 16 }, { 13, 33, 17 },
        { 16, 16, 321 }, { 23, 31, 641 }, { 24, 64, 320 }, { 25, 65, 1 }, { 37, 47, 53 }, { 64, 300, 67 }, { 97, 101, 103 }, { 129, 8, 330 },
        { 300, 40, 5 }, { 70, 290, 0 }, { 7, 5, 0 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_Float_AllLayouts_WithinErrorBound(int m, int n, int k) => AllLayouts<float>(m, n, k, 5.9604645e-8);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_Double_AllLayouts_WithinErrorBound(int m, int n, int k) => AllLayouts<double>(m, n, k, 1.1102230246251565e-16);

    [Fact]
    public void Multiply_SeveralPanelsAndBlocks_WithinErrorBound()
    {
        Check<float>(1, 26, 710, 390, Layout.Rows, Layout.Rows, 1, 1, true, 5.9604645e-8);
        Check<float>(1, 26, 710, 390, Layout.Columns, Layout.Columns, 1, 0, false, 5.9604645e-8);
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(-0.5, 0, true)]
    [InlineData(1, 1, true)]
    [InlineData(2, -0.25, true)]
    [InlineData(0, 3, false)]
    public void Multiply_AlphaBetaBias_FollowTheFormula(double alpha, double beta, bool bias)
    {
        foreach ((int m, int n, int k) in ((int, int, int)[])[(1, 1, 1), (13, 37, 700), (12, 64, 3), (30, 16, 40), (4, 5, 0)])
        {
            Check<float>(1, m, n, k, Layout.Rows, Layout.Rows, alpha, beta, bias, 5.9604645e-8);
            Check<double>(1, m, n, k, Layout.Columns, Layout.Columns, alpha, beta, bias, 1.1102230246251565e-16);
        }
    }

    [Theory]
    [InlineData(1, 5, 6, 7)]
    [InlineData(3, 13, 17, 19)]
    [InlineData(67, 16, 33, 8)]
    [InlineData(9, 64, 48, 96)]
    public void Multiply_Batch_EveryMatrixIsItsOwnProduct(int batches, int m, int n, int k)
    {
        foreach (Layout layout in Enum.GetValues<Layout>())
        {
            Check<float>(batches, m, n, k, layout, Layout.Rows, 1, 0, true, 5.9604645e-8);
            Check<float>(batches, m, n, k, Layout.Rows, layout, 1, 1, false, 5.9604645e-8);
        }
    }

    [Fact]
    public void Multiply_BatchSharesB_IsOneTallProduct()
    {
        Random random = new(5);
        float[] a = Integers<float>(random, 6 * 11 * 13);
        float[] b = Integers<float>(random, 13 * 9);
        float[] c = new float[6 * 11 * 9];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm.Multiply(6, 11, 9, 13, new MatrixView<float>(pa, 13, 1, 11 * 13), new MatrixView<float>(pb, 9), new MatrixView<float>(pc, 9, 1, 99), 1f, 0f);
        }

        for (int i = 0; i < c.Length; i++)
        {
            float sum = 0;
            for (int p = 0; p < 13; p++)
            {
                sum += a[(i / 9 * 13) + p] * b[(p * 9) + (i % 9)];
            }

            Assert.Equal(sum, c[i]);
        }
    }

    [Fact]
    public void Multiply_ThreadCount_ChangesNoBit()
    {
        Random random = new(6);
        foreach ((int batches, int m, int n, int k) in ((int, int, int, int)[])[(1, 131, 210, 345), (1, 10, 512, 700), (1, 500, 10, 512), (16, 40, 70, 83), (2, 150, 150, 150)])
        {
            float[] a = Uniform<float>(random, batches * m * k);
            float[] b = Uniform<float>(random, batches * k * n);
            float[]? first = null;
            for (int threads = 1; threads <= Environment.ProcessorCount; threads++)
            {
                int before = WorkerPool.Shared.Threads;
                float[] c = new float[batches * m * n];
                try
                {
                    WorkerPool.Shared.Threads = threads;
                    fixed (float* pa = a, pb = b, pc = c)
                    {
                        Gemm.Multiply(batches, m, n, k, new MatrixView<float>(pa, k, 1, m * k), new MatrixView<float>(pb, n, 1, k * n), new MatrixView<float>(pc, n, 1, m * n), 1f, 0f);
                    }
                }
                finally
                {
                    WorkerPool.Shared.Threads = before;
                }

                first ??= c;
                Assert.Equal(MemoryMarshal.Cast<float, int>(first).ToArray(), MemoryMarshal.Cast<float, int>(c).ToArray());
            }
        }
    }

    [Fact]
    public void Multiply_BetaZero_DoesNotReadC()
    {
        float[] c = [float.NaN, float.PositiveInfinity, float.NaN];
        float one = 1;
        float two = 2;
        float* b = stackalloc float[] { 1, 2, 3 };
        fixed (float* pc = c)
        {
            Gemm.Multiply(1, 1, 3, 1, new MatrixView<float>(&two, 1), new MatrixView<float>(b, 3), new MatrixView<float>(pc, 3), one, 0f);
        }

        Assert.Equal([2f, 4f, 6f], c);
    }

    [Fact]
    public void Multiply_NotANumberAndInfinity_Spread()
    {
        const int m = 14;
        const int n = 35;
        const int k = 20;
        float[] a = Enumerable.Repeat(1f, m * k).ToArray();
        float[] b = Enumerable.Repeat(1f, k * n).ToArray();
        a[(3 * k) + 5] = float.NaN;
        b[(7 * n) + 34] = float.PositiveInfinity;
        a[(13 * k) + 7] = 0;
        float[] c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c)
        {
            Gemm.Multiply(1, m, n, k, new MatrixView<float>(pa, k), new MatrixView<float>(pb, n), new MatrixView<float>(pc, n), 1f, 0f);
        }

        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float expected = i == 3 ? float.NaN : j == 34 ? (i == 13 ? float.NaN : float.PositiveInfinity) : i == 13 ? k - 1 : k;
                Assert.Equal(expected, c[(i * n) + j]);
            }
        }
    }

    [Fact]
    public void Multiply_WarmedUp_AllocatesNothing()
    {
        float[] a = new float[200 * 200];
        float[] c = new float[200 * 200];
        fixed (float* pa = a, pc = c)
        {
            MatrixView<float> view = new(pa, 200);
            MatrixView<float> result = new(pc, 200);
            Gemm.Multiply(1, 200, 200, 200, view, view, result, 1f, 0f);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
            {
                Gemm.Multiply(1, 200, 200, 200, view, view.Transposed, result, 1f, 1f);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Multiply_ColumnsOfCApart_AreRefused()
    {
        float x = 0;
        MatrixView<float> view = new(&x, 1);
        MatrixView<float> apart = new(&x, 1, 2);
        Assert.Contains("columns of c", Assert.Throws<ArgumentException>(() => Gemm.Multiply(1, 1, 1, 1, view, view, apart, 1f, 0f)).Message, StringComparison.Ordinal);
    }

    private static void AllLayouts<T>(int m, int n, int k, double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (Layout a in Enum.GetValues<Layout>())
        {
            foreach (Layout b in Enum.GetValues<Layout>())
            {
                Check<T>(1, m, n, k, a, b, 1, 0, false, epsilon);
            }
        }
    }

    /// <summary>One product between guard elements; whole numbers must be exact, others within the bound.</summary>
    private static void Check<T>(int batches, int m, int n, int k, Layout aLayout, Layout bLayout, double alpha, double beta, bool withBias, double epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Random random = new((m * 7919) + (n * 104729) + k);
        foreach (bool whole in (bool[])[true, false])
        {
            Strided<T> a = new(aLayout, batches, m, k, random, whole);
            Strided<T> b = new(bLayout, batches, k, n, random, whole);
            Strided<T> c = new(Layout.Rows, batches, m, n, random, whole);
            Strided<T> old = c.Clone();
            T[] bias = whole ? Integers<T>(random, n) : Uniform<T>(random, n);
            fixed (T* pa = a.Data, pb = b.Data, pc = c.Data, pBias = bias)
            {
                Gemm.Multiply(batches, m, n, k, a.View(pa), b.View(pb), c.View(pc), T.CreateChecked(alpha), T.CreateChecked(beta), withBias ? pBias : null);
            }

            for (int batch = 0; batch < batches; batch++)
            {
                for (int i = 0; i < m; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        double sum = 0;
                        double size = 0;
                        for (int p = 0; p < k; p++)
                        {
                            double product = a[batch, i, p] * b[batch, p, j];
                            sum += product;
                            size += Math.Abs(product);
                        }

                        double before = beta == 0 ? 0 : beta * old[batch, i, j];
                        double added = withBias ? double.CreateChecked(bias[j]) : 0;
                        double expected = (alpha * sum) + before + added;
                        double bound = whole ? 0 : (k + 6) * epsilon * ((Math.Abs(alpha) * size) + Math.Abs(before) + Math.Abs(added)) * 1.01;
                        double error = Math.Abs(c[batch, i, j] - expected);
                        Assert.True(error <= bound, $"{typeof(T).Name} {batches} x {m} x {n} x {k}, {aLayout} x {bLayout}: ({batch}, {i}, {j}) is {c[batch, i, j]}, not {expected}; bound {bound}");
                    }
                }
            }

            c.AssertGapsEqual(old);
        }
    }

    private static T[] Integers<T>(Random random, int length)
        where T : unmanaged, INumber<T>
    {
        T[] values = new T[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = T.CreateChecked(4 * random.Next(-8, 9));
        }

        return values;
    }

    private static T[] Uniform<T>(Random random, int length)
        where T : unmanaged, INumber<T>
    {
        T[] values = new T[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = T.CreateChecked((random.NextDouble() * 2) - 1);
        }

        return values;
    }

    /// <summary>How a matrix lies in memory: by rows, by columns, or with gaps between all elements.</summary>
    private enum Layout
    {
        Rows,
        Columns,
        Apart,
    }

    /// <summary>A batch of matrices with gaps around them.</summary>
    private sealed class Strided<T>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private const int Guard = 40;
        private readonly int _batches;
        private readonly int _rows;
        private readonly int _columns;
        private readonly int _rowStride;
        private readonly int _columnStride;
        private readonly int _batchStride;

        public Strided(Layout layout, int batches, int rows, int columns, Random random, bool whole)
        {
            (_batches, _rows, _columns) = (batches, rows, columns);
            (_rowStride, _columnStride) = layout switch
            {
                Layout.Rows => (columns + 3, 1),
                Layout.Columns => (1, rows + 2),
                _ => ((2 * columns) + 1, 2),
            };
            _batchStride = (Math.Max(1, rows) * _rowStride) + (Math.Max(1, columns) * _columnStride) + 5;
            int length = (2 * Guard) + (batches * _batchStride);
            Data = whole ? Integers<T>(random, length) : Uniform<T>(random, length);
        }

        private Strided(Strided<T> other)
        {
            (_batches, _rows, _columns) = (other._batches, other._rows, other._columns);
            (_rowStride, _columnStride, _batchStride) = (other._rowStride, other._columnStride, other._batchStride);
            Data = (T[])other.Data.Clone();
        }

        public T[] Data { get; }

        public double this[int batch, int row, int column] => double.CreateChecked(Data[Index(batch, row, column)]);

        public MatrixView<T> View(T* data) => new(data + Guard, _rowStride, _columnStride, _batchStride);

        public Strided<T> Clone() => new(this);

        /// <summary>Nothing was written outside the matrices.</summary>
        public void AssertGapsEqual(Strided<T> other)
        {
            bool[] inside = new bool[Data.Length];
            for (int i = 0; i < _batches * _rows * _columns; i++)
            {
                inside[Index(i / (_rows * _columns), i / _columns % _rows, i % _columns)] = true;
            }

            for (int i = 0; i < Data.Length; i++)
            {
                Assert.True(inside[i] || Data[i] == other.Data[i], $"element {i} outside the result was overwritten");
            }
        }

        private int Index(int batch, int row, int column) => Guard + (batch * _batchStride) + (row * _rowStride) + (column * _columnStride);
    }
}
