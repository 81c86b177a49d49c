using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

[Trait("Simd", "true")]
public sealed class TensorReductionTests
{
    [Theory]
    [InlineData(ReduceOperation.Sum, DType.Float32)]
    [InlineData(ReduceOperation.Sum, DType.Float64)]
    [InlineData(ReduceOperation.Mean, DType.Float32)]
    [InlineData(ReduceOperation.Mean, DType.Float64)]
    [InlineData(ReduceOperation.Maximum, DType.Float32)]
    [InlineData(ReduceOperation.Maximum, DType.Float64)]
    [InlineData(ReduceOperation.Minimum, DType.Float32)]
    [InlineData(ReduceOperation.Minimum, DType.Float64)]
    [InlineData(ReduceOperation.SumOfSquares, DType.Float32)]
    [InlineData(ReduceOperation.SumOfSquares, DType.Float64)]
    public void Reduce_OfEveryAxisSubset_MatchesReference(ReduceOperation operation, DType type)
    {
        Tensor[] operands =
        [
            Numbers.Random([], 1, type: type), Numbers.Random([1], 1, type: type), Numbers.Random([67], 1, type: type), Numbers.Random([13, 1], 2, type: type),
            Numbers.Random([5, 67], 3, type: type), Numbers.Random([67, 5], 4, type: type), Numbers.Random([3, 4, 5, 19], 5, type: type),
            Numbers.Random([3, 4, 5, 19], 6, type: type).Permute(3, 1, 0, 2), Numbers.Random([40, 17], 7, type: type).Transpose(),
            Numbers.Random([9, 1, 34], 8, type: type).BroadcastTo([9, 6, 34]), Numbers.Random([6, 1], 9, type: type).BroadcastTo([6, 21]),
        ];
        foreach (Tensor x in operands)
        {
            for (int subset = 0; subset < 1 << x.Rank; subset++)
            {
                List<int> axes = [];
                for (int axis = 0; axis < x.Rank; axis++)
                {
                    if ((subset & (1 << axis)) != 0)
                    {
                        axes.Add(axis);
                    }
                }

                Check(operation, x, axes.ToArray(), type == DType.Float32 ? 2e-6 : 1e-14);
            }
        }
    }

    [Theory]
    [InlineData(1, 300_007)]
    [InlineData(3, 70_001)]
    [InlineData(60_000, 3)]
    [InlineData(5_000, 65)]
    [InlineData(90, 2050)]
    public void Reduce_OfLongAxes_MatchesReference(int rows, int columns)
    {
        Tensor x = Numbers.Random([rows, columns], 11, -1, 3, DType.Float32);
        float[] values = x.ToArray<float>();
        double[] byRow = new double[rows];
        double[] byColumn = new double[columns];
        double largest = double.NegativeInfinity;
        for (int i = 0; i < values.Length; i++)
        {
            byRow[i / columns] += values[i];
            byColumn[i % columns] += values[i];
            largest = Math.Max(largest, values[i]);
        }

        Numbers.Near(byRow, x.Sum(1), 2e-6, 2e-4);
        Numbers.Near(byColumn, x.Sum(0), 2e-6, 2e-4);
        Numbers.Near([byRow.Sum()], x.Sum(), 2e-6);
        Numbers.Near([byRow.Sum() / values.Length], x.Mean(), 2e-6);
        Numbers.Near([largest], x.Max(), 0);
    }

    [Fact]
    public void Sum_OfManyEqualNumbers_DoesNotDrift()
    {
        // Four million times 0.1f: added one by one in single precision this is off by several per cent.
        Tensor x = Tensor.Full([1 << 22], 0.1);
        Assert.Equal(0.1f * (double)(1 << 22), x.Sum().Item(), 2e-6 * (1 << 22) * 0.1);
    }

    [Fact]
    public void Sum_OverChannels_MatchesSumOfMovedAxis()
    {
        Tensor x = Numbers.Random([7, 5, 6, 11], 3);
        Numbers.Near(Numbers.Values(x.Permute(1, 0, 2, 3).Contiguous().Reshape(5, 7 * 66).Sum(1)), x.Sum(0, 2, 3), 1e-13, 1e-13);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(69)]
    public void MaxAndMin_WithNaNAnywhere_AreNaN(int at)
    {
        float[] values = new float[70];
        values[at] = float.NaN;
        Tensor x = Tensor.From(values);
        Assert.True(double.IsNaN(x.Max().Item()));
        Assert.True(double.IsNaN(x.Min().Item()));
        Tensor columns = x.Reshape(7, 10).Max(0);
        Assert.Equal(1, columns.ToArray<float>().Count(float.IsNaN));
    }

    [Fact]
    public void MaxAndMin_OfInfinities_AreInfinite()
    {
        Tensor x = Tensor.Full([40], double.NegativeInfinity);
        Assert.Equal(double.NegativeInfinity, x.Max().Item());
        Assert.Equal(double.PositiveInfinity, (-x).Min().Item());
        Assert.Equal(double.NegativeInfinity, x.Sum().Item());
    }

    [Fact]
    public void Reduce_OfIntegers_Works()
    {
        Tensor x = Tensor.From([3, -1, 4, 1, -5, 9], [2, 3]);
        Assert.Equal([6, 5], x.Sum(1).ToArray<int>());
        Assert.Equal([3, 4], [x.Max(0).ToArray<int>()[0], x.Max(1).ToArray<int>()[0]]);
        Assert.Equal([1, -5, 4], x.Min(0).ToArray<int>());
        Assert.Throws<ShapeException>(() => x.Mean());
    }

    [Fact]
    public void Reduce_OfNothing_SumsToZeroAndHasNoExtremes()
    {
        Tensor x = Tensor.Zeros([3, 0]);
        Assert.Equal([0f, 0, 0], x.Sum(1).ToArray<float>());
        Assert.Empty(x.Sum(0).ToArray<float>());
        Assert.Empty(x.Max(0).ToArray<float>());
        Assert.Equal(0, x.Sum().Item());
        Assert.Throws<ShapeException>(() => x.Max(1));
        Assert.Throws<ShapeException>(() => x.Mean());
        Assert.Throws<ShapeException>(() => x.ArgMax());
    }

    [Fact]
    public void Reduce_OfBadAxes_SaysWhich()
    {
        Tensor x = Tensor.Zeros([2, 3]);
        Assert.Throws<ShapeException>(() => x.Sum(2));
        Assert.Contains("twice", Assert.Throws<ShapeException>(() => x.Sum(1, -1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SumTo_IsAdjointOfBroadcast()
    {
        Tensor x = Numbers.Random([4, 5, 6], 1);
        foreach (Shape shape in (Shape[])[[6], [5, 1], [1, 5, 6], [4, 1, 1], [], [4, 5, 6]])
        {
            Tensor y = Numbers.Random(shape, 2);
            double left = (y.BroadcastTo(x.Shape) * x).Sum().Item();
            double right = (y * x.SumTo(shape)).Sum().Item();
            Assert.Equal(left, right, 1e-12);
            Assert.Equal(shape, x.SumTo(shape).Shape);
        }

        Assert.Throws<ShapeException>(() => x.SumTo([3, 6]));
    }

    [Fact]
    public void ArgMax_OfEqualsAndNaN_TakesFirst()
    {
        Tensor x = Tensor.From([1.0, 3, 3, 2, 5, double.NaN, 7, double.NaN, -0.0, 0, 0, 0], [3, 4]);
        Assert.Equal([1, 1, 0], x.ArgMax().ToArray<int>());
        Assert.Equal([1, 1, 0], x.Cast(DType.Float32).ArgMax().ToArray<int>());
        Tensor rows = Numbers.Random([3, 5, 37], 4, type: DType.Float32);
        float[] values = rows.ToArray<float>();
        int[] expected = new int[15];
        for (int i = 0; i < values.Length; i++)
        {
            int row = i / 37;
            expected[row] = values[i] > values[(row * 37) + expected[row]] ? i % 37 : expected[row];
        }

        Assert.Equal(new Shape(3, 5), rows.ArgMax().Shape);
        Assert.Equal(expected, rows.ArgMax().Reshape(15).ToArray<int>());
    }

    private static void Check(ReduceOperation operation, Tensor x, int[] axes, double tolerance)
    {
        Tensor y = x.Reduce(operation, axes, keepAxes: true);
        bool all = axes.Length == 0;
        double[] values = Numbers.Values(x);
        double[] expected = new double[y.Length];
        long count = values.Length / Math.Max(1, expected.Length);
        if (operation is ReduceOperation.Maximum or ReduceOperation.Minimum)
        {
            Array.Fill(expected, operation == ReduceOperation.Maximum ? double.NegativeInfinity : double.PositiveInfinity);
        }

        for (long i = 0; i < values.Length; i++)
        {
            long at = Numbers.Position(y.Shape, Numbers.Index(x.Shape, i));
            expected[at] = operation switch
            {
                ReduceOperation.Sum => expected[at] + values[i],
                ReduceOperation.Mean => expected[at] + (values[i] / count),
                ReduceOperation.SumOfSquares => expected[at] + (values[i] * values[i]),
                ReduceOperation.Maximum => Math.Max(expected[at], values[i]),
                _ => Math.Min(expected[at], values[i]),
            };
        }

        Numbers.Near(expected, y, tolerance, 4 * tolerance);
        Assert.Equal(x.Rank - (all ? x.Rank : axes.Length), x.Reduce(operation, axes).Rank);
    }
}
