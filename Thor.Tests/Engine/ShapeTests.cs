using Thor.Engine;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class ShapeTests
{
    [Fact]
    public void Length_IsTheProductOfExtents()
    {
        Assert.Equal(1, Shape.Scalar.Length);
        Assert.Equal(0, new Shape(3, 0, 5).Length);
        Assert.Equal(1L << 40, new Shape(1 << 20, 1 << 20).Length);
        Assert.Throws<OverflowException>(() => new Shape(int.MaxValue, int.MaxValue, int.MaxValue).Length);
    }

    [Fact]
    public void Equality_ComparesExtents()
    {
        Shape a = [2, 3];
        Assert.True(a == new Shape(2, 3));
        Assert.True(a != new Shape(3, 2));
        Assert.Equal(a.GetHashCode(), new Shape(2, 3).GetHashCode());
        Assert.True(default == new Shape());
        Assert.False(a.Equals("[2, 3]"));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    [InlineData(-1, 3)]
    [InlineData(-2, 2)]
    public void Axis_CountsFromBothEnds(int axis, int extent) => Assert.Equal(extent, new Shape(2, 3)[axis]);

    [Theory]
    [InlineData(2)]
    [InlineData(-3)]
    public void Axis_Outside_IsRefused(int axis) => Assert.Throws<ShapeException>(() => new Shape(2, 3).Axis(axis));

    [Fact]
    public void Broadcast_AlignsAtTheEnd()
    {
        Assert.Equal([4, 2, 3], Shape.Broadcast([2, 1], [4, 1, 3]));
        Assert.Equal([0, 3], Shape.Broadcast([0, 1], [3]));
        Assert.Equal([5], Shape.Broadcast([], [5]));
        ShapeException error = Assert.Throws<ShapeException>(() => Shape.Broadcast([2, 3], [4], "Add"));
        Assert.Equal("Add: shapes do not broadcast together, [2, 3] and [4]", error.Message);
        Assert.Throws<ShapeException>(() => Shape.Broadcast([0], [2]));
    }

    [Fact]
    public void DenseStrides_AreRowMajor()
    {
        Assert.Equal([12, 4, 1], new Shape(2, 3, 4).DenseStrides());
        Assert.Empty(Shape.Scalar.DenseStrides());
    }

    [Fact]
    public void With_ReplacesOneExtent()
    {
        Assert.Equal([2, 7], new Shape(2, 3).With(-1, 7));
        Assert.Equal("[2, 3]", new Shape(2, 3).ToString());
        Assert.Equal("[]", Shape.Scalar.ToString());
        Assert.Throws<ShapeException>(() => new Shape(2, -1));
    }
}
