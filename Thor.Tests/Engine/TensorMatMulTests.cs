using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TensorMatMulTests : IDisposable
{
    private readonly TensorScope _scope = TensorScope.Begin();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void MatMul_TwoByTwo_ByHand()
    {
        Tensor a = Tensor.From([1f, 2, 3, 4], [2, 2]);
        Tensor b = Tensor.From([5f, 6, 7, 8], [2, 2]);
        Tensor c = a.MatMul(b, Tensor.From(100f, 200));
        Assert.Equal([119f, 222, 143, 250], c.ToArray<float>());
        Assert.True(c.Shape == [2, 2]);
    }

    [Fact]
    public void MatMul_Vectors_DropTheirAxis()
    {
        Tensor v = Tensor.From(1.0, 2, 3);
        Tensor matrix = Counting([3, 2], DType.Float64);
        Assert.True(v.MatMul(v).Shape == Shape.Scalar);
        Assert.Equal(14, v.MatMul(v).Item());
        Assert.True(v.MatMul(matrix).Shape == [2]);
        Assert.Equal([-26.0, -20], v.MatMul(matrix).ToArray<double>());
        Assert.Equal([-26.0, -20], matrix.Transpose().MatMul(v).ToArray<double>());
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void MatMul_BatchAxes_Broadcast(DType type)
    {
        Tensor a = Counting([2, 1, 3, 4], type);
        Tensor b = Counting([5, 4, 2], type);
        Tensor c = a.MatMul(b);
        Assert.True(c.Shape == [2, 5, 3, 2]);
        for (int i = 0; i < 2; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                AssertSame(Naive(a.Select(0, i).Select(0, 0), b.Select(0, j)), c.Select(0, i).Select(0, j));
            }
        }
    }

    [Fact]
    public void MatMul_PermutedBatches_WalkEveryStride()
    {
        // Heads of attention: (batch, time, head, width) seen as (batch, head, time, width), whose batch axes do not fold.
        Tensor heads = Counting([3, 5, 4, 6], DType.Float32).Permute(0, 2, 1, 3);
        Tensor c = heads.MatMul(heads.Transpose());
        Assert.True(c.Shape == [3, 4, 5, 5]);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                Tensor head = heads.Select(0, i).Select(0, j);
                AssertSame(Naive(head, head.Transpose()), c.Select(0, i).Select(0, j));
            }
        }
    }

    [Fact]
    public void MatMul_ManyPermutedBatches_MatchEachProduct()
    {
        // As many as threads share whole; with one leading axis that repeats.
        Tensor heads = Counting([300, 5, 2, 6], DType.Float32).Permute(0, 2, 1, 3);
        Tensor other = Counting([2, 6, 3], DType.Float32);
        Tensor c = heads.MatMul(other);
        for (int i = 0; i < 300; i++)
        {
            for (int j = 0; j < 2; j++)
            {
                AssertSame(Naive(heads.Select(0, i).Select(0, j), other.Select(0, j)), c.Select(0, i).Select(0, j));
            }
        }
    }

    [Fact]
    public void MatMul_SlicedViews_ReadTheirElementsOnly()
    {
        Tensor a = Counting([9, 20], DType.Float32).Slice(1, 3, 8, 2).Slice(0, 1, 4, 2);
        Tensor b = Counting([8, 31], DType.Float32).Slice(1, 1, 10, 3);
        AssertSame(Naive(a, b), a.MatMul(b));
    }

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(2, 0, 4)]
    [InlineData(2, 3, 0)]
    public void MatMul_ZeroSizes_GiveZerosOrNothing(int m, int k, int n)
    {
        Tensor c = Tensor.Zeros([m, k]).MatMul(Tensor.Zeros([k, n]));
        Assert.True(c.Shape == [m, n]);
        Assert.All(c.ToArray<float>(), x => Assert.Equal(0, x));
    }

    [Fact]
    public void MatMulInto_Accumulates()
    {
        Tensor a = Counting([3, 4], DType.Float64);
        Tensor b = Counting([4, 2], DType.Float64);
        Tensor c = Tensor.Full([2, 3, 2], 10, DType.Float64);
        Tensor.MatMulInto(a, b, c, 2, 0.5);
        Tensor product = Naive(a, b);
        double[] expected = product.ToArray<double>().Select(x => (2 * x) + 5).ToArray();
        Assert.Equal([.. expected, .. expected], c.ToArray<double>());
    }

    [Fact]
    public void MatMulInto_BetaZero_IgnoresTheOldResult()
    {
        Tensor c = Tensor.Full([1, 1], double.NaN);
        Tensor.MatMulInto(Tensor.Ones([1, 3]), Tensor.Ones([3, 1]), c);
        Assert.Equal(3, c.Item());
    }

    [Fact]
    public void MatMul_ShapesThatDoNotFit_NameBoth()
    {
        ShapeException error = Assert.Throws<ShapeException>(() => Tensor.Zeros([32, 128]).MatMul(Tensor.Zeros([64, 10])));
        Assert.Equal("MatMul: inner sizes differ, [32, 128] x [64, 10]", error.Message);
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3, 4]).MatMul(Tensor.Zeros([3, 4, 5])));
        Assert.Throws<ShapeException>(() => Tensor.Scalar(1).MatMul(Tensor.Zeros([2, 2])));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 2]).MatMul(Tensor.Zeros([2, 2], DType.Float64)));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 2], DType.Int32).MatMul(Tensor.Zeros([2, 2], DType.Int32)));
        Assert.Contains("[3]", Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 2]).MatMul(Tensor.Zeros([2, 2]), Tensor.Zeros([3]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MatMulInto_ResultThatDoesNotFit_IsRefused()
    {
        Tensor a = Tensor.Zeros([2, 3]);
        Tensor b = Tensor.Zeros([3, 2]);
        Assert.Throws<ShapeException>(() => Tensor.MatMulInto(a, b, Tensor.Zeros([2, 3])));
        Assert.Throws<ShapeException>(() => Tensor.MatMulInto(a, b, Tensor.Zeros([4, 2]).Slice(0, 0, 2, 2)));
        Assert.Throws<ShapeException>(() => Tensor.MatMulInto(Tensor.Zeros([5, 2, 3]), b, Tensor.Zeros([2, 2])));
        Assert.Throws<ShapeException>(() => Tensor.MatMulInto(Tensor.Zeros([3]), b, Tensor.Zeros([2])));
    }

    private static Tensor Counting(Shape shape, DType type) =>
        Tensor.From(Enumerable.Range(0, (int)shape.Length).Select(i => (double)(i % 23) - 7).ToArray(), shape).Cast(type);

    private static Tensor Naive(Tensor a, Tensor b)
    {
        int m = a.Shape[0];
        int k = a.Shape[1];
        int n = b.Shape[1];
        double[] left = a.Contiguous().Cast(DType.Float64).ToArray<double>();
        double[] right = b.Contiguous().Cast(DType.Float64).ToArray<double>();
        double[] product = new double[m * n];
        for (int i = 0; i < product.Length; i++)
        {
            for (int p = 0; p < k; p++)
            {
                product[i] += left[(i / n * k) + p] * right[(p * n) + (i % n)];
            }
        }

        return Tensor.From(product, [m, n]).Cast(a.DType);
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.True(expected.Shape == actual.Shape);
        Assert.Equal(expected.Cast(DType.Float64).ToArray<double>(), actual.Contiguous().Cast(DType.Float64).ToArray<double>());
    }
}
