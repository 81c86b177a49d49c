using Thor.Engine;
using Xunit;

namespace Thor.Tests.Engine;

[Trait("Simd", "true")]
public sealed class TensorNetworkTests
{
    public static TheoryData<int, int, DType> RowCases() => new()
    {
        { 0, 4, DType.Float32 }, { 1, 1, DType.Float64 }, { 3, 2, DType.Float32 }, { 5, 10, DType.Float32 }, { 4, 16, DType.Float64 },
        { 7, 33, DType.Float32 }, { 2, 1000, DType.Float64 }, { 300, 131, DType.Float32 },
    };

    [Theory]
    [MemberData(nameof(RowCases))]
    public void Softmax_AndItsLogarithm_MatchReference(int rows, int n, DType type)
    {
        Tensor x = Numbers.Random([rows, n], 1, -9, 9, type);
        double[] values = Numbers.Values(x);
        double[] soft = new double[values.Length];
        double[] log = new double[values.Length];
        for (int r = 0; r < rows; r++)
        {
            double normalizer = LogSumExp(values.AsSpan(r * n, n));
            for (int i = r * n; i < (r + 1) * n; i++)
            {
                log[i] = values[i] - normalizer;
                soft[i] = Math.Exp(log[i]);
            }
        }

        Numbers.Near(soft, x.Softmax(), Tolerance(type));
        Numbers.Near(log, x.LogSoftmax(), Tolerance(type), Tolerance(type));

        Tensor g = Numbers.Random([rows, n], 2, type: type);
        double[] gradient = Numbers.Values(g);
        double[] dSoft = new double[values.Length];
        double[] dLog = new double[values.Length];
        for (int r = 0; r < rows; r++)
        {
            double dot = 0;
            double sum = 0;
            for (int i = r * n; i < (r + 1) * n; i++)
            {
                dot += gradient[i] * soft[i];
                sum += gradient[i];
            }

            for (int i = r * n; i < (r + 1) * n; i++)
            {
                dSoft[i] = soft[i] * (gradient[i] - dot);
                dLog[i] = gradient[i] - (soft[i] * sum);
            }
        }

        Numbers.Near(dSoft, Tensor.SoftmaxGradient(x.Softmax(), g), Tolerance(type), Tolerance(type));
        Numbers.Near(dLog, Tensor.LogSoftmaxGradient(x.LogSoftmax(), g), Tolerance(type), 10 * Tolerance(type));
    }

    [Fact]
    public void Softmax_OfHugeAndInfiniteLogits_StaysFinite()
    {
        Tensor x = Tensor.From([1e30, -1e30, 0, 0, double.NegativeInfinity, 3], [2, 3]).Cast(DType.Float32);
        float[] y = x.Softmax().ToArray<float>();
        Assert.Equal([1f, 0, 0], y[..3]);
        Assert.Equal(0, y[4]);
        Assert.Equal(1, y[3] + y[5], 1e-6f);
        Assert.True(float.IsNaN(Tensor.From(float.NaN, 1f).Softmax().ToArray<float>()[1]));
    }

    [Fact]
    public void Softmax_OfAnyRankOrView_WorksAlongTheLastAxis()
    {
        Tensor x = Numbers.Random([4, 6, 5], 1).Permute(2, 0, 1);
        Numbers.Near(Numbers.Values(x.Contiguous().Reshape(20, 6).Softmax()), x.Softmax().Reshape(20, 6), 0);
        Assert.Throws<ShapeException>(() => Tensor.Scalar(1).Softmax());
        Assert.Throws<ShapeException>(() => Tensor.From(1, 2).Softmax());
    }

    [Theory]
    [InlineData(0.0, DType.Float32)]
    [InlineData(0.0, DType.Float64)]
    [InlineData(0.1, DType.Float32)]
    [InlineData(0.1, DType.Float64)]
    [InlineData(1.0, DType.Float64)]
    public void CrossEntropy_WithIgnoredRows_MatchesReference(double smoothing, DType type)
    {
        foreach ((int rows, int classes) in ((int, int)[])[(0, 3), (1, 1), (9, 10), (33, 17), (128, 100)])
        {
            Tensor x = Numbers.Random([rows, classes], 1, -5, 5, type);
            int[] labels = new int[rows];
            for (int i = 0; i < rows; i++)
            {
                labels[i] = i % 5 == 3 ? -7 : (i * 31) % classes;
            }

            Tensor scale = Numbers.Random([rows], 2, type: type);
            double[] values = Numbers.Values(x);
            double[] scales = Numbers.Values(scale);
            double[] losses = new double[rows];
            double[] gradient = new double[values.Length];
            for (int r = 0; r < rows; r++)
            {
                double normalizer = LogSumExp(values.AsSpan(r * classes, classes));
                for (int c = 0; c < classes && labels[r] >= 0; c++)
                {
                    double target = (smoothing / classes) + (c == labels[r] ? 1 - smoothing : 0);
                    double log = values[(r * classes) + c] - normalizer;
                    losses[r] -= target * log;
                    gradient[(r * classes) + c] = scales[r] * (Math.Exp(log) - target);
                }
            }

            Tensor ids = Tensor.From(labels, [rows]);
            Tensor actual = x.CrossEntropy(ids, smoothing, -7, out Tensor normalizers);
            Numbers.Near(losses, actual, Tolerance(type), Tolerance(type));
            Numbers.Near(gradient, x.CrossEntropyGradient(ids, smoothing, -7, normalizers, scale), Tolerance(type), Tolerance(type));
        }
    }

    [Fact]
    public void CrossEntropy_OfBadLabels_SaysWhich()
    {
        Tensor x = Tensor.Zeros([2, 3]);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => x.CrossEntropy(Tensor.From(1, 3), 0, -100, out _));
        Assert.Contains("[0, 3)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.CrossEntropy(Tensor.From(-1, 0), 0, -100, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.CrossEntropy(Tensor.From(0, 0), 1.5, -100, out _));
        Assert.Throws<ShapeException>(() => x.CrossEntropy(Tensor.From(0, 0, 0), 0, -100, out _));
        Assert.Throws<ShapeException>(() => x.CrossEntropy(Tensor.From(0f, 0f), 0, -100, out _));
    }

    [Theory]
    [InlineData(3, 4, 1, DType.Float64)]
    [InlineData(2, 1, 9, DType.Float32)]
    [InlineData(1, 3, 17, DType.Float64)]
    [InlineData(5, 20, 35, DType.Float32)]
    [InlineData(40, 3, 1500, DType.Float32)]
    [InlineData(6, 17, 64, DType.Float64)]
    public void BatchNorm_AndItsGradients_MatchReference(int batch, int channels, int plane, DType type)
    {
        Tensor x = Numbers.Random([batch, channels, plane], 1, 3, 9, type);
        Tensor g = Numbers.Random([batch, channels, plane], 2, type: type);
        Tensor weight = Numbers.Random([channels], 3, 0.5, 2, type);
        Tensor bias = Numbers.Random([channels], 4, type: type);
        Tensor y = x.BatchNorm(weight, bias, 1e-5, out Tensor mean, out Tensor inverse);
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.BatchNormGradient(g, weight, mean, inverse);

        int Group(int i) => i / plane % channels;
        Normal expected = new(Numbers.Values(x), Numbers.Values(g), Group, channels, Group, Numbers.Values(weight), Numbers.Values(bias));
        double tolerance = 20 * Tolerance(type);
        Numbers.Near(expected.Mean, mean, Tolerance(type));
        Numbers.Near(expected.Inverse, inverse, tolerance);
        Numbers.Near(expected.Y, y, tolerance, tolerance);
        Numbers.Near(expected.Dx, dx, tolerance, tolerance);
        Numbers.Near(expected.DWeight, dWeight, tolerance, 100 * tolerance);
        Numbers.Near(expected.DBias, dBias, tolerance, 100 * tolerance);
        Numbers.Near(
            Numbers.Values((x * weight.Reshape(channels, 1)) + bias.Reshape(channels, 1)), x.ChannelAffine(weight, bias), tolerance, tolerance);
    }

    [Theory]
    [InlineData(1, 1, DType.Float64)]
    [InlineData(0, 5, DType.Float32)]
    [InlineData(3, 7, DType.Float32)]
    [InlineData(50, 128, DType.Float32)]
    [InlineData(400, 129, DType.Float64)]
    public void LayerNorm_AndItsGradients_MatchReference(int rows, int n, DType type)
    {
        Tensor x = Numbers.Random([rows, n], 1, 3, 9, type);
        Tensor g = Numbers.Random([rows, n], 2, type: type);
        Tensor weight = Numbers.Random([n], 3, 0.5, 2, type);
        Tensor bias = Numbers.Random([n], 4, type: type);
        Tensor y = x.LayerNorm(weight, bias, 1e-5, out Tensor mean, out Tensor inverse);
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.LayerNormGradient(g, weight, mean, inverse);

        Normal expected = new(Numbers.Values(x), Numbers.Values(g), i => i / n, rows, i => i % n, Numbers.Values(weight), Numbers.Values(bias));
        double tolerance = 20 * Tolerance(type);
        Numbers.Near(expected.Mean, mean, Tolerance(type));
        Numbers.Near(expected.Inverse, inverse, tolerance);
        Numbers.Near(expected.Y, y, tolerance, tolerance);
        Numbers.Near(expected.Dx, dx, tolerance, tolerance);
        Numbers.Near(expected.DWeight, dWeight, tolerance, 10 * tolerance);
        Numbers.Near(expected.DBias, dBias, tolerance, 10 * tolerance);
    }

    [Theory]
    [InlineData(40, 70, 9)]
    [InlineData(6, 3, 4000)]
    [InlineData(5, 17, 64)]
    public void NormGradients_WrittenOverTheGradient_HaveTheSameBits(int batch, int channels, int plane)
    {
        Tensor x = Numbers.Random([batch, channels, plane], 1, type: DType.Float32);
        Tensor g = Numbers.Random([batch, channels, plane], 2, type: DType.Float32);
        Tensor weight = Numbers.Random([channels], 3, type: DType.Float32);
        _ = x.BatchNorm(weight, weight, 1e-5, out Tensor mean, out Tensor inverse);
        Tensor over = g.Clone();
        (Tensor dx, Tensor dWeight, Tensor dBias) = x.BatchNormGradient(g, weight, mean, inverse);
        (Tensor overDx, Tensor overDWeight, Tensor overDBias) = x.BatchNormGradient(over, weight, mean, inverse, overwrite: true);
        Assert.Same(over, overDx);
        Assert.Equal(Numbers.Bits(dx), Numbers.Bits(overDx));
        Assert.Equal(Numbers.Bits(dWeight), Numbers.Bits(overDWeight));
        Assert.Equal(Numbers.Bits(dBias), Numbers.Bits(overDBias));

        Tensor row = Numbers.Random([plane], 4, type: DType.Float32);
        _ = x.LayerNorm(row, row, 1e-5, out mean, out inverse);
        over = g.Clone();
        (dx, dWeight, dBias) = x.LayerNormGradient(g, row, mean, inverse);
        (overDx, overDWeight, overDBias) = x.LayerNormGradient(over, row, mean, inverse, overwrite: true);
        Assert.Same(over, overDx);
        Assert.Equal(Numbers.Bits(dx), Numbers.Bits(overDx));
        Assert.Equal(Numbers.Bits(dWeight), Numbers.Bits(overDWeight));
        Assert.Equal(Numbers.Bits(dBias), Numbers.Bits(overDBias));
    }

    [Fact]
    public void NormGradients_WrittenOverAView_AreRefused()
    {
        Tensor x = Numbers.Random([4, 4, 4], 1, type: DType.Float32);
        Tensor weight = Tensor.Ones([4]);
        _ = x.BatchNorm(weight, weight, 1e-5, out Tensor mean, out Tensor inverse);
        Assert.Contains(
            "contiguous", Assert.Throws<ShapeException>(() => x.BatchNormGradient(x.Transpose(), weight, mean, inverse, overwrite: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BatchNorm_FarFromZero_KeepsVariance()
    {
        Tensor x = Numbers.Random([64, 2, 100], 1, -1, 1, DType.Float32) + 5000.0;
        _ = x.BatchNorm(Tensor.Ones([2]), Tensor.Zeros([2]), 0, out _, out Tensor inverse);
        Tensor exact = x.Cast(DType.Float64);
        _ = exact.BatchNorm(Tensor.Ones([2], DType.Float64), Tensor.Zeros([2], DType.Float64), 0, out _, out Tensor reference);
        Numbers.Near(Numbers.Values(reference), inverse, 1e-5);
    }

    [Fact]
    public void Norms_OfMisfits_SayWhatWasGiven()
    {
        Tensor x = Tensor.Zeros([2, 3, 4]);
        Assert.Contains("weight must be [3]", Assert.Throws<ShapeException>(() => x.BatchNorm(Tensor.Ones([4]), Tensor.Ones([3]), 0, out _, out _)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => x.LayerNorm(Tensor.Ones([4]), Tensor.Ones([3]), 0, out _, out _));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0, 3]).BatchNorm(Tensor.Ones([3]), Tensor.Ones([3]), 0, out _, out _));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([3]).ChannelAffine(Tensor.Ones([3]), Tensor.Ones([3])));
    }

    [Fact]
    public void Gather_AndScatterAdd_AreAdjoint()
    {
        Tensor table = Numbers.Random([23, 37], 1);
        int[] ids = new int[60];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = i * i % 23;
        }

        Tensor at = Tensor.From(ids, [4, 15]);
        Tensor y = table.Gather(at);
        Assert.Equal(new Shape(4, 15, 37), y.Shape);
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(Numbers.Values(table.Select(0, ids[i])), Numbers.Values(y.Reshape(60, 37).Select(0, i)));
        }

        Tensor x = Numbers.Random(y.Shape, 2);
        Tensor sums = Tensor.Zeros(table.Shape, DType.Float64).ScatterAdd(at, x);
        Assert.Equal((y * x).Sum().Item(), (table * sums).Sum().Item(), 1e-11);
        Numbers.Near(Numbers.Values(table + 1.0), Tensor.Ones(table.Shape, DType.Float64).ScatterAdd(Tensor.From(Enumerable.Range(0, 23).ToArray()), table), 1e-15, 1e-15);
    }

    [Fact]
    public void ScatterAdd_OfManyRows_AddsInOrder()
    {
        // 1, then 2^24 times nothing lost: the order of additions shows in single precision.
        float[] rows = new float[3000 * 64];
        int[] ids = new int[3000];
        float[] expected = new float[50 * 64];
        Random random = new(5);
        for (int i = 0; i < 3000; i++)
        {
            ids[i] = random.Next(50);
            for (int j = 0; j < 64; j++)
            {
                rows[(i * 64) + j] = (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(20));
                expected[(ids[i] * 64) + j] += rows[(i * 64) + j];
            }
        }

        Assert.Equal(expected, Tensor.Zeros([50, 64]).ScatterAdd(Tensor.From(ids), Tensor.From(rows, [3000, 64])).Reshape(3200).ToArray<float>());
    }

    [Fact]
    public void Gather_OfBadIds_LeavesTableAlone()
    {
        Tensor table = Tensor.Zeros([3, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Gather(Tensor.From(0, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.ScatterAdd(Tensor.From(0, -1), Tensor.Ones([2, 2])));
        Assert.Equal(0, table.Sum().Item());
        Assert.Throws<ShapeException>(() => table.ScatterAdd(Tensor.From(0, 1), Tensor.Ones([2, 3])));
        Assert.Throws<ShapeException>(() => table.Gather(Tensor.From(0f)));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([3]).Gather(Tensor.From(0)));
    }

    [Fact]
    public void OneHot_OutsideClasses_IsZero()
    {
        Assert.Equal([0f, 1, 0, 0, 0, 0, 0, 0, 1], Tensor.From(1, -1, 2).OneHot(3).Reshape(9).ToArray<float>());
        Assert.Equal(new Shape(2, 1, 4), Tensor.From([0, 5], [2, 1]).OneHot(4, DType.Int32).Shape);
    }

    [Fact]
    public void Concatenate_OfViews_PutsThemBehindEachOther()
    {
        Tensor a = Numbers.Random([3, 4], 1);
        Tensor b = Numbers.Random([2, 3], 2).Transpose();
        Tensor y = Tensor.Concatenate([a, b, a.Slice(1, 0, 0)], -1);
        Assert.Equal(new Shape(3, 6), y.Shape);
        Assert.Equal(Numbers.Values(a), Numbers.Values(y.Slice(1, 0, 4)));
        Assert.Equal(Numbers.Values(b), Numbers.Values(y.Slice(1, 4, 2)));
        Assert.Throws<ShapeException>(() => Tensor.Concatenate([a, b], 0));
        Assert.Throws<ShapeException>(() => Tensor.Concatenate([], 0));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int32)]
    public void Contiguous_OfPermutedViews_CopiesEveryElement(DType type)
    {
        foreach (int[] extents in (int[][])[[1, 1, 1, 1], [2, 3, 4, 5], [3, 70, 2, 67], [8, 9, 16, 24], [2, 130, 129, 1]])
        {
            int length = extents[0] * extents[1] * extents[2] * extents[3];
            Tensor x = Tensor.From(Enumerable.Range(0, length).ToArray(), new Shape(extents)).Cast(type);
            foreach (int[] order in (int[][])[[0, 2, 1, 3], [0, 1, 3, 2], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1], [0, 2, 3, 1]])
            {
                Tensor view = x.Permute(order);
                double[] expected = new double[length];
                for (long i = 0; i < length; i++)
                {
                    int[] index = Numbers.Index(view.Shape, i);
                    int[] from = new int[4];
                    for (int axis = 0; axis < 4; axis++)
                    {
                        from[order[axis]] = index[axis];
                    }

                    expected[i] = Numbers.Position(x.Shape, from);
                }

                Assert.Equal(expected, Numbers.Values(view.Contiguous()));
                Tensor back = Tensor.Zeros(x.Shape, type);
                back.Permute(order).CopyFrom(view.Contiguous());
                Assert.Equal(Numbers.Bits(x), Numbers.Bits(back));
            }
        }
    }

    private static double Tolerance(DType type) => type == DType.Float32 ? 2e-6 : 1e-14;

    private static double LogSumExp(ReadOnlySpan<double> row)
    {
        double largest = double.NegativeInfinity;
        foreach (double v in row)
        {
            largest = Math.Max(largest, v);
        }

        double sum = 0;
        foreach (double v in row)
        {
            sum += Math.Exp(v - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>Normalisation of groups of elements in double, straight from the definition.</summary>
    private sealed class Normal
    {
        public Normal(double[] x, double[] g, Func<int, int> group, int groups, Func<int, int> channel, double[] weight, double[] bias)
        {
            Mean = new double[groups];
            Inverse = new double[groups];
            Y = new double[x.Length];
            Dx = new double[x.Length];
            DWeight = new double[weight.Length];
            DBias = new double[weight.Length];
            double count = groups == 0 ? 1 : x.Length / (double)groups;
            double[] meanH = new double[groups];
            double[] meanProduct = new double[groups];
            for (int i = 0; i < x.Length; i++)
            {
                Mean[group(i)] += x[i] / count;
            }

            for (int i = 0; i < x.Length; i++)
            {
                Inverse[group(i)] += Math.Pow(x[i] - Mean[group(i)], 2) / count;
            }

            for (int k = 0; k < groups; k++)
            {
                Inverse[k] = 1 / Math.Sqrt(Inverse[k] + 1e-5);
            }

            double Z(int i) => (x[i] - Mean[group(i)]) * Inverse[group(i)];
            for (int i = 0; i < x.Length; i++)
            {
                int c = channel(i);
                Y[i] = (Z(i) * weight[c]) + bias[c];
                DWeight[c] += g[i] * Z(i);
                DBias[c] += g[i];
                meanH[group(i)] += g[i] * weight[c] / count;
                meanProduct[group(i)] += g[i] * weight[c] * Z(i) / count;
            }

            for (int i = 0; i < x.Length; i++)
            {
                Dx[i] = Inverse[group(i)] * ((g[i] * weight[channel(i)]) - meanH[group(i)] - (Z(i) * meanProduct[group(i)]));
            }
        }

        public double[] Mean { get; }

        public double[] Inverse { get; }

        public double[] Y { get; }

        public double[] Dx { get; }

        public double[] DWeight { get; }

        public double[] DBias { get; }
    }
}
