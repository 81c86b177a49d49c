using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TensorOwnershipTests
{
    [Fact]
    public void OwnsMemory_WhileAViewLives_IsFalse()
    {
        Tensor tensor = Tensor.From(1f, 2, 3);
        Assert.True(tensor.OwnsMemory);

        Tensor view = tensor.Alias();
        Assert.False(tensor.OwnsMemory || view.OwnsMemory);

        tensor.Dispose();
        Assert.True(view.OwnsMemory);
        Assert.Equal([1f, 2, 3], view.ToArray<float>());
    }

    [Fact]
    public void Alias_OfAStridedTensor_KeepsItsLayout()
    {
        Tensor strided = Tensor.From([1f, 2, 3, 4, 5, 6], [2, 3]).Transpose().Slice(0, 1, 2);

        Tensor alias = strided.Alias();

        Assert.Equal((strided.Shape, strided.Offset), (alias.Shape, alias.Offset));
        Assert.Equal([2f, 5, 3, 6], alias.ToArray<float>());
    }

    [Fact]
    public void MapInto_AnOperand_ReplacesIt()
    {
        Tensor a = Tensor.From(5f, 7);
        Tensor b = Tensor.From(2f, 4);

        Tensor y = Tensor.MapInto(BinaryOperation.Subtract, a, b, b);

        Assert.Same(b, y);
        Assert.Equal([3f, 3], b.ToArray<float>());
    }

    [Fact]
    public void MapInto_AnOverlappingView_ReadsBeforeItWrites()
    {
        Tensor memory = Tensor.From(1f, 2, 3, 4);
        Tensor y = memory.Slice(0, 1, 3);

        Tensor.MapInto(BinaryOperation.Add, memory.Slice(0, 0, 3), Tensor.From(10f, 10, 10), y);

        Assert.Equal([1f, 11, 12, 13], memory.ToArray<float>());
    }

    [Fact]
    public void MapInto_AResultThatDoesNotFit_IsRefused()
    {
        Tensor a = Tensor.Ones([2, 3]);
        Assert.Throws<ShapeException>(() => Tensor.MapInto(BinaryOperation.Add, a, a, Tensor.Ones([3, 2])));
        Assert.Throws<ShapeException>(() => Tensor.MapInto(BinaryOperation.Add, a, a, Tensor.Ones([3, 2]).Transpose()));
        Assert.Throws<ShapeException>(() => Tensor.MapInto(BinaryOperation.Add, a, a, Tensor.Ones([2, 3], DType.Float64)));
    }
}
