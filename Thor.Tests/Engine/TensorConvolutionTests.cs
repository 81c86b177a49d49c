using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TensorConvolutionTests
{
    [Fact]
    public void Conv2d_OfAHandExample_GivesItsNumbersInBothTypes()
    {
        using Tensor x = Tensor.From<float>([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
        using Tensor w = Tensor.From<float>([1, 0, 0, 1], [1, 1, 2, 2]);
        using Tensor bias = Tensor.From<float>(10f);
        using Tensor y = x.Conv2d(w, bias, Convolution2d.Default);
        Assert.Equal<int>([1, 1, 2, 2], y.Shape.Extents.ToArray());
        Assert.Equal([16, 18, 22, 24], y.ToArray<float>());

        using Tensor x64 = Tensor.From<double>([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
        using Tensor w64 = Tensor.From<double>([1, 0, 0, 1], [1, 1, 2, 2]);
        using Tensor y64 = x64.Conv2d(w64, null, Convolution2d.Default);
        Assert.Equal([6, 8, 12, 14], y64.ToArray<double>());
    }

    [Fact]
    public void Conv2dGradients_OfOnes_CountTheWindows()
    {
        using Tensor dy = Tensor.From<float>([1, 1, 1, 1], [1, 1, 2, 2]);
        using Tensor w = Tensor.From<float>([1, 1, 1, 1], [1, 1, 2, 2]);
        using Tensor x = Tensor.From<float>([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
        using Tensor dx = Tensor.Conv2dInputGradient(dy, w, x.Shape, Convolution2d.Default);
        using Tensor dw = Tensor.Conv2dWeightGradient(x, dy, w.Shape, Convolution2d.Default);
        Assert.Equal([1, 2, 1, 2, 4, 2, 1, 2, 1], dx.ToArray<float>());
        Assert.Equal([12, 16, 24, 28], dw.ToArray<float>());
    }

    [Fact]
    public void Conv2d_WithShapesThatDoNotFit_NamesTheOperationAndTheShapes()
    {
        using Tensor x = Tensor.Empty([2, 4, 5, 6]);
        using Tensor w = Tensor.Empty([8, 4, 3, 3]);
        Convolution2d plain = Convolution2d.Default;
        AssertNames("Conv2d", () => x.Conv2d(Tensor.Empty([8, 3, 3, 3]), null, plain), "[2, 4, 5, 6]", "[8, 3, 3, 3]");
        AssertNames("Conv2d", () => x.Conv2d(Tensor.Empty([8, 4, 3]), null, plain), "[2, 4, 5, 6]", "[8, 4, 3]");
        AssertNames("Conv2d", () => x.Conv2d(Tensor.Empty([8, 4, 6, 3]), null, plain), "[2, 4, 5, 6]", "[8, 4, 6, 3]", "smaller");
        AssertNames("Conv2d", () => x.Conv2d(w, null, new Convolution2d(1, 1, 0, 0, 3, 1)), "[8, 4, 3, 3]", "smaller");
        AssertNames("Conv2d", () => x.Conv2d(w, Tensor.Empty([7]), plain), "[7]", "[8, 4, 3, 3]");
        AssertNames("Conv2d", () => x.Conv2d(w, null, new Convolution2d(1, Groups: 3)), "[2, 4, 5, 6]", "3 group");
        AssertNames("Conv2d", () => x.Conv2d(w, null, default), "at least 1");
        AssertNames("Conv2d", () => x.Conv2d(w, null, new Convolution2d(1, 1, -1)), "padding");
        AssertNames("Conv2d", () => x.Conv2d(Tensor.Empty([8, 4, 3, 3], DType.Float64), null, plain), "Float64", "Float32");
        AssertNames("Conv2dInputGradient", () => Tensor.Conv2dInputGradient(x, w, [2, 4, 5, 6], plain), "[2, 4, 5, 6]", "[2, 8, 3, 4]");
        AssertNames("Conv2dWeightGradient", () => Tensor.Conv2dWeightGradient(x, x, [8, 4, 3, 3], plain), "[2, 4, 5, 6]", "[2, 8, 3, 4]");
    }

    [Fact]
    public void Conv2d_OfAStridedView_ReadsTheView()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.From<float>([1, 5, 2, 6, 3, 7, 4, 8], [1, 2, 2, 2]).Permute(0, 1, 3, 2);
        Tensor w = Tensor.From<float>([1, 0, 0, 1], [2, 2, 1, 1]);
        Assert.Equal([1, 2, 5, 6, 3, 4, 7, 8], x.Conv2d(w, null, Convolution2d.Default).ToArray<float>());
    }

    [Fact]
    public void MaxPool2d_AndItsAdjoints_FollowTheIndices()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.From<float>([1, 3, 3, 0, 2, 2, 5, 4], [1, 1, 2, 4]);
        (Tensor values, Tensor indices) = x.MaxPool2d(Pooling2d.Square(2));
        Assert.Equal([3, 5], values.ToArray<float>());
        Assert.Equal([1, 6], indices.ToArray<int>());
        Assert.Equal([0, 3, 0, 0, 0, 0, 5, 0], values.MaxPool2dScatter(indices, x.Shape).ToArray<float>());
        Assert.Equal([3, 5], x.MaxPool2dGather(indices).ToArray<float>());
    }

    [Fact]
    public void AveragePool2d_AndItsAdjoint_LeaveThePaddingOut()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.From<double>([1, 2, 3, 4], [1, 1, 2, 2]);
        Pooling2d geometry = new(2, 2, 2, 2, 1, 1);
        Assert.Equal([1, 2, 3, 4], x.AveragePool2d(geometry).ToArray<double>());
        Assert.Equal([2.5], x.AveragePool2d(Pooling2d.Square(2)).ToArray<double>());
        Assert.Equal([2, 2, 2, 2], Tensor.From<double>([8], [1, 1, 1, 1]).AveragePool2dGradient(x.Shape, Pooling2d.Square(2)).ToArray<double>());
    }

    [Fact]
    public void Pooling_WithShapesThatDoNotFit_NamesTheOperationAndTheShapes()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor x = Tensor.Empty([2, 3, 4, 5]);
        AssertNames("MaxPool2d", () => x.MaxPool2d(Pooling2d.Square(6)), "[2, 3, 4, 5]", "smaller");
        AssertNames("MaxPool2d", () => x.MaxPool2d(new Pooling2d(2, 2, 1, 1, 2, 0)), "padding");
        AssertNames("AveragePool2d", () => x.AveragePool2d(default), "at least 1");
        AssertNames("AveragePool2d", () => Tensor.Empty([3, 4, 5]).AveragePool2d(Pooling2d.Square(2)), "[3, 4, 5]");
        AssertNames("AveragePool2dGradient", () => x.AveragePool2dGradient([2, 3, 4, 5], Pooling2d.Square(2)), "[2, 3, 4, 5]");
        AssertNames("MaxPool2dScatter", () => x.MaxPool2dScatter(Tensor.Empty([2, 3, 4, 4], DType.Int32), [2, 3, 8, 8]), "[2, 3, 4, 5]", "[2, 3, 4, 4]", "[2, 3, 8, 8]");
        AssertNames("MaxPool2dScatter", () => x.MaxPool2dScatter(Tensor.Empty([2, 3, 4, 5]), [2, 3, 8, 8]), "Int32");
        AssertNames("MaxPool2dGather", () => x.MaxPool2dGather(Tensor.Empty([2, 2, 4, 5], DType.Int32)), "[2, 3, 4, 5]", "[2, 2, 4, 5]");
    }

    private static void AssertNames(string operation, Func<object> call, params string[] parts)
    {
        ShapeException error = Assert.Throws<ShapeException>(call);
        Assert.StartsWith(operation + ":", error.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
