using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class SimpleLayerTests
{
    [Theory]
    [InlineData(Activation.Relu, new[] { 0.0, 0.0, 0.5, 2.0 })]
    [InlineData(Activation.Tanh, new[] { -0.76159415595576489, 0.0, 0.46211715726000976, 0.96402758007581688 })]
    [InlineData(Activation.Sigmoid, new[] { 0.2689414213699951, 0.5, 0.62245933120185456, 0.88079707797788243 })]
    [InlineData(Activation.Gelu, new[] { -0.15865525393145705, 0.0, 0.34573123063700656, 1.9544997361036416 })]
    public void Activation_HandValues_Agree(Activation activation, double[] expected)
    {
        Layer layer = activation.ToLayer();
        LayerChecks.Near(expected, LayerChecks.Values(layer.Forward(Tensor.From(-1.0, 0.0, 0.5, 2.0))), 1e-9);
        LayerChecks.CheckGradients(layer, LayerChecks.Normal(1, 3, 4));
    }

    [Fact]
    public void Activation_OutsideTheEnumeration_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((Activation)9).ToLayer());

    [Fact]
    public void Pooling_HandValues_Agree()
    {
        Tensor x = Tensor.From<double>([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7], [1, 1, 4, 4]);
        LayerChecks.Near([6, 8, 9, 7], LayerChecks.Values(new MaxPool2d(2).Forward(x)));
        LayerChecks.Near([3.5, 5.5, 4.75, 4.5], LayerChecks.Values(new AveragePool2d(2).Forward(x)));
        LayerChecks.Near([4.5625], LayerChecks.Values(new GlobalAveragePool().Forward(x)));
        Assert.Equal([1, 1], new GlobalAveragePool().Forward(x).Shape.Extents.ToArray());
    }

    [Fact]
    public void Pooling_Gradients_EqualDifferences()
    {
        Tensor x = LayerChecks.Normal(1, 2, 2, 5, 4);
        LayerChecks.CheckGradients(new MaxPool2d(2), x);
        LayerChecks.CheckGradients(new AveragePool2d(new Pooling2d(3, 2, 2, 1, 1, 0)), x);
        LayerChecks.CheckGradients(new GlobalAveragePool(), x);
        LayerChecks.CheckGradients(new Flatten(), x);
    }

    [Fact]
    public void Embedding_Ids_SelectRows()
    {
        Embedding layer = new(4, 3, LayerChecks.Stream(1), DType.Float64);
        Variable y = layer.Forward(Tensor.From<int>([3, 0, 3, 1], [2, 2]));
        Assert.Equal([2, 2, 3], y.Shape.Extents.ToArray());
        double[] table = LayerChecks.Values(layer.Weight);
        LayerChecks.Near([.. table[9..12], .. table[0..3], .. table[9..12], .. table[3..6]], LayerChecks.Values(y));
        LayerChecks.CheckGradients(layer, Tensor.From<int>([3, 0, 3, 1], [2, 2]));
    }

    [Fact]
    public void Embedding_FloatingIds_AreRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Embedding(4, 3).Forward(Tensor.Zeros([2])));
        Assert.Contains("Int32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_Training_DropsTheShareAndScalesTheRest()
    {
        Dropout layer = new(0.25, LayerChecks.Stream(1));
        double[] y = LayerChecks.Values(layer.Forward(Tensor.Ones([10000])));
        int dropped = y.Count(static v => v == 0);
        Assert.InRange(dropped, 2300, 2700); // 2500 +- 4.6 standard deviations of 43.3
        Assert.All(y.Where(static v => v != 0), static v => Assert.Equal(4.0 / 3.0, v, 6));
        Assert.NotEqual(y, LayerChecks.Values(layer.Forward(Tensor.Ones([10000]))));
    }

    [Fact]
    public void Dropout_EvaluationOrNoProbability_ReturnsTheInput()
    {
        Variable x = Tensor.Ones([4]);
        Dropout none = new(0, LayerChecks.Stream(1));
        Assert.Same(x, none.Forward(x));
        Dropout half = new(0.5, LayerChecks.Stream(1));
        half.Eval();
        Assert.Same(x, half.Forward(x));
        Assert.Equal(0UL, half.Random.Position);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Dropout_ProbabilityOutOfRange_IsRefused(double p) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(p, LayerChecks.Stream(1)));

    [Fact]
    public void Sequential_Layers_RunInOrder()
    {
        Sequential net = new(new Linear(2, 3, random: LayerChecks.Stream(1)), new Relu(), new Flatten());
        Tensor x = Tensor.Ones([1, 2]);
        Assert.Equal(LayerChecks.Values(net[1].Forward(net[0].Forward(x))), LayerChecks.Values(net.Forward(x)));
        Assert.Equal(3, net.Count);
        Assert.Equal(["0.weight", "0.bias"], net.StateDict().Keys);
    }

    [Fact]
    public void Train_And_Eval_ReachEveryModule()
    {
        Sequential net = new(new Sequential(new Dropout(0.5, LayerChecks.Stream(1))), new Relu());
        net.Eval();
        Assert.All(net.Modules(), static m => Assert.False(m.Value.Training));
        net.Train();
        Assert.All(net.Modules(), static m => Assert.True(m.Value.Training));
    }
}
