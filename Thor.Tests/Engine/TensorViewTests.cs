using Thor.Engine;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TensorViewTests
{
    private static readonly int[] s_six = [0, 1, 2, 3, 4, 5];

    [Fact]
    public void Views_ShareElements()
    {
        Tensor x = Tensor.From(s_six, [2, 3]);
        x.Transpose().Slice(0, 1, 1).Fill(9);
        Assert.Equal([0, 9, 2, 3, 9, 5], x.ToArray<int>());
        x.Reshape(6).Slice(0, 0, 3, 2).Fill(7);
        Assert.Equal([7, 9, 7, 3, 7, 5], x.ToArray<int>());
    }

    [Fact]
    public void Reshape_InfersOneExtent()
    {
        Tensor x = Tensor.From(s_six);
        Assert.Equal([3, 2], x.Reshape(3, -1).Shape);
        Assert.Equal([0, 0], Tensor.Zeros([0, 4]).Reshape(0, -1).Shape);
        Assert.Equal(Shape.Scalar, Tensor.Ones([1, 1]).Reshape(Shape.Scalar).Shape);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(4, -1)]
    [InlineData(-1, -1)]
    [InlineData(-2, 3)]
    public void Reshape_ToAnotherLength_IsRefused(int first, int second) =>
        Assert.Throws<ShapeException>(() => Tensor.From(s_six).Reshape(first, second));

    [Fact]
    public void Reshape_OfStridedView_Copies()
    {
        Tensor x = Tensor.From(s_six, [2, 3]);
        Tensor flat = x.Transpose().Reshape(6);
        Assert.Equal([0, 3, 1, 4, 2, 5], flat.ToArray<int>());
        flat.Fill(0);
        Assert.Equal(s_six, x.ToArray<int>());
    }

    [Fact]
    public void Permute_OfBadOrder_IsRefused()
    {
        Tensor x = Tensor.Zeros([2, 3, 4]);
        Assert.Equal([4, 2, 3], x.Permute(2, 0, 1).Shape);
        Assert.Equal([4, 2, 3], x.Permute(-1, 0, -2).Shape);
        Assert.Throws<ShapeException>(() => x.Permute(0, 1));
        Assert.Throws<ShapeException>(() => x.Permute(0, 1, 1));
        Assert.Throws<ShapeException>(() => x.Permute(0, 1, 3));
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(2, 4, 1, 1)]
    [InlineData(0, 3, 2, 2)]
    public void Slice_WithinTheAxis_TakesEveryStep(int axis, int start, int length, int step)
    {
        Tensor x = Tensor.From(Enumerable.Range(0, 4 * 3 * 5).ToArray(), [4, 3, 5]);
        if (start + ((length - 1) * step) >= x.Shape[axis])
        {
            Assert.Throws<ShapeException>(() => x.Slice(axis, start, length, step));
            return;
        }

        Tensor y = x.Slice(axis, start, length, step);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(x.Select(axis, start + (i * step)).ToArray<int>(), y.Select(axis, i).ToArray<int>());
        }
    }

    [Theory]
    [InlineData(-1, 1, 1)]
    [InlineData(0, 6, 1)]
    [InlineData(6, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(0, 2, 0)]
    [InlineData(0, 3, int.MaxValue)]
    public void Slice_OutsideTheAxis_IsRefused(int start, int length, int step) =>
        Assert.Throws<ShapeException>(() => Tensor.Zeros([5]).Slice(0, start, length, step));

    [Fact]
    public void Unsqueeze_AndSqueeze_AreInverse()
    {
        Tensor x = Tensor.From(s_six, [2, 3]).Transpose();
        foreach (int axis in (int[])[0, 1, 2, -1, -2, -3])
        {
            Tensor y = x.Unsqueeze(axis);
            Assert.Equal(3, y.Rank);
            Assert.Equal(x.ToArray<int>(), y.Squeeze(axis).ToArray<int>());
        }

        Assert.Throws<ShapeException>(() => x.Unsqueeze(3));
        Assert.Throws<ShapeException>(() => x.Squeeze(0));
    }

    [Fact]
    public void BroadcastTo_RepeatsWithoutACopy()
    {
        Tensor x = Tensor.From([1, 2, 3], [3, 1]);
        Tensor y = x.BroadcastTo([2, 3, 2]);
        Assert.Equal([0, 1, 0], y.Strides.ToArray());
        Assert.Equal([1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3], y.ToArray<int>());
        Assert.False(y.IsContiguous);
        Assert.Throws<ShapeException>(() => x.BroadcastTo([3]));
        Assert.Throws<ShapeException>(() => x.BroadcastTo([2, 2]));
    }

    [Fact]
    public void Spans_OfTensors_ReadWithoutACopy()
    {
        Tensor x = Tensor.From(s_six, [2, 3]);
        x.AsSpan<int>()[4] = 40;
        Assert.Equal(40, x.AsTensorSpan<int>()[1, 1]);
        Assert.Equal(40, x.Transpose().AsTensorSpan<int>()[1, 1]);
        Assert.Equal(40, x.Slice(0, 1, 1).BroadcastTo([5, 3]).AsTensorSpan<int>()[4, 1]);
        Assert.Throws<InvalidOperationException>(() => x.AsSpan<float>().Length);
        Assert.Throws<InvalidOperationException>(() => x.Transpose().AsSpan<int>().Length);
    }

    [Fact]
    public void Data_ThatDoesNotFit_IsRefused()
    {
        Assert.Throws<ShapeException>(() => Tensor.From(s_six, [4]));
        Assert.Throws<ShapeException>(() => Tensor.From(s_six).Item());
        Assert.Throws<InvalidOperationException>(() => Tensor.From(s_six).ToArray<double>());
        Assert.Throws<NotSupportedException>(() => Tensor.From<long>(1, 2));
    }

    [Fact]
    public void Contiguity_IgnoresAxesOfOne()
    {
        Assert.True(Tensor.Zeros([1, 5]).Transpose().IsContiguous);
        Assert.True(Tensor.Zeros([2, 0, 3]).Transpose().IsContiguous);
        Assert.False(Tensor.Zeros([2, 5]).Transpose().IsContiguous);
    }
}
