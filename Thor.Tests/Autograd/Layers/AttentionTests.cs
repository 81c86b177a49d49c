using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class AttentionTests
{
    private const int Width = 6;
    private const int Heads = 2;

    [Fact]
    public void Attention_ToItself_EqualsFormula()
    {
        MultiHeadAttention layer = Attention();
        Tensor x = LayerChecks.Normal(2, 2, 4, Width);
        double[] y = LayerChecks.Values(layer.Forward(x));
        for (int n = 0; n < 2; n++)
        {
            double[] sequence = LayerChecks.Values(x.Select(0, n));
            LayerChecks.Near(Expected(layer, sequence, sequence, new bool[4]), y.AsSpan(n * 24, 24));
        }
    }

    [Fact]
    public void Attention_ToAMemory_EqualsFormula()
    {
        MultiHeadAttention layer = Attention();
        Tensor query = LayerChecks.Normal(2, 1, 3, Width);
        Tensor memory = LayerChecks.Normal(3, 1, 5, Width);
        Tensor padding = Tensor.From<int>([0, 1, 0, 0, 1], [1, 5]);
        Variable y = layer.Forward(query, memory, padding);
        Assert.Equal([1, 3, Width], y.Shape.Extents.ToArray());
        LayerChecks.Near(
            Expected(layer, LayerChecks.Values(query), LayerChecks.Values(memory), [false, true, false, false, true]), LayerChecks.Values(y));
    }

    [Fact]
    public void Attention_PaddingMask_ExcludesPositionsOfItsOwnSequenceOnly()
    {
        MultiHeadAttention layer = Attention();
        Tensor x = LayerChecks.Normal(2, 2, 3, Width);
        double[] y = LayerChecks.Values(layer.Forward(x, Tensor.From<int>([0, 0, 1, 0, 0, 0], [2, 3])));
        double[] first = LayerChecks.Values(x.Select(0, 0));
        double[] second = LayerChecks.Values(x.Select(0, 1));
        LayerChecks.Near(Expected(layer, first, first, [false, false, true]), y.AsSpan(0, 18));
        LayerChecks.Near(Expected(layer, second, second, new bool[3]), y.AsSpan(18));
    }

    [Fact]
    public void Attention_NothingButPadding_IsFinite()
    {
        MultiHeadAttention layer = Attention();
        double[] y = LayerChecks.Values(layer.Forward(LayerChecks.Normal(2, 1, 3, Width), Tensor.From<int>([1, 1, 1], [1, 3])));
        Assert.All(y, static v => Assert.True(double.IsFinite(v)));
    }

    [Fact]
    public void Attention_Gradients_EqualDifferences()
    {
        MultiHeadAttention layer = Attention();
        LayerChecks.CheckGradients(layer, LayerChecks.Normal(2, 2, 3, Width));
        Variable query = new(LayerChecks.Normal(3, 1, 2, Width), requiresGradient: true);
        Variable memory = new(LayerChecks.Normal(4, 1, 3, Width), requiresGradient: true);
        Tensor weights = LayerChecks.Normal(5, 1, 2, Width);
        LayerChecks.CheckGradients(
            () => (layer.Forward(query, memory, Tensor.From<int>([0, 1, 0], [1, 3])) * weights).Sum(), [query, memory]);
    }

    [Fact]
    public void Attention_GradientsOfGradients_EqualDifferences()
    {
        MultiHeadAttention layer = Attention();
        Variable x = new(LayerChecks.Normal(2, 1, 3, Width), requiresGradient: true);
        Tensor weights = LayerChecks.Normal(3, 1, 3, Width);
        Tensor direction = LayerChecks.Normal(4, 1, 3, Width);
        LayerChecks.CheckGradients(
            () => (Gradients.Of((layer.Forward(x) * weights).Sum(), [x], createGraph: true)[0] * direction).Sum(), [x]);
    }

    [Fact]
    public void Attention_WrongShapes_AreRefused()
    {
        MultiHeadAttention layer = Attention();
        Tensor x = LayerChecks.Normal(1, 2, 3, Width);
        Assert.Throws<ArgumentException>(() => new MultiHeadAttention(6, 4));
        Assert.Throws<ShapeException>(() => layer.Forward(LayerChecks.Normal(1, 2, 3, 5)));
        Assert.Throws<ShapeException>(() => layer.Forward(x, LayerChecks.Normal(1, 1, 3, Width)));
        Assert.Contains("[2, 3]", Assert.Throws<ShapeException>(() => layer.Forward(x, Tensor.Zeros([2, 4]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, Activation.Gelu)]
    [InlineData(false, Activation.Relu)]
    public void EncoderLayer_PreAndPostNorm_EqualFormula(bool normFirst, Activation activation)
    {
        TransformerEncoderLayer layer = Encoder(normFirst, activation);
        Tensor x = LayerChecks.Normal(2, 1, 3, Width);
        double[] input = LayerChecks.Values(x);
        double[] Part(string name) => LayerChecks.Values(LayerChecks.State(layer, name));
        double[] Norm(string name, double[] v) => Naive.LayerNorm(v, Part($"{name}.weight"), Part($"{name}.bias"), 1e-5);
        double[] Dense(string name, double[] v, int inputs) => Naive.Linear(v, Part($"{name}.weight"), Part($"{name}.bias"), inputs);
        double[] FeedForward(double[] v) =>
            Dense("linear2", LayerChecks.Values(activation.ToLayer().Forward(Tensor.From(Dense("linear1", v, Width), [3, 8]))), 8);
        MultiHeadAttention attention = (MultiHeadAttention)layer.Children.First(static c => c.Key == "self_attn").Value;
        double[] Attend(double[] v) => Expected(attention, v, v, new bool[3]);

        double[] expected;
        if (normFirst)
        {
            double[] middle = Sum(input, Attend(Norm("norm1", input)));
            expected = Sum(middle, FeedForward(Norm("norm2", middle)));
        }
        else
        {
            double[] middle = Norm("norm1", Sum(input, Attend(input)));
            expected = Norm("norm2", Sum(middle, FeedForward(middle)));
        }

        LayerChecks.Near(expected, LayerChecks.Values(layer.Forward(x)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncoderLayer_Gradients_EqualDifferences(bool normFirst) =>
        LayerChecks.CheckGradients(Encoder(normFirst, Activation.Gelu), LayerChecks.Normal(2, 2, 3, Width));

    [Fact]
    public void EncoderLayer_Dropout_ActsInTrainingOnly()
    {
        TransformerEncoderLayer layer = new(Width, Heads, 8, dropout: 0.5, random: LayerChecks.Stream(1));
        Tensor x = Tensor.Ones([1, 3, Width]);
        Assert.NotEqual(LayerChecks.Values(layer.Forward(x)), LayerChecks.Values(layer.Forward(x)));
        layer.Eval();
        Assert.Equal(LayerChecks.Values(layer.Forward(x)), LayerChecks.Values(layer.Forward(x)));
    }

    private static MultiHeadAttention Attention()
    {
        MultiHeadAttention layer = new(Width, Heads, random: LayerChecks.Stream(1), type: DType.Float64);
        LayerChecks.State(layer, "in_proj_bias").CopyFrom(LayerChecks.Normal(11, 3 * Width));
        LayerChecks.State(layer, "out_proj.bias").CopyFrom(LayerChecks.Normal(12, Width));
        return layer;
    }

    private static TransformerEncoderLayer Encoder(bool normFirst, Activation activation)
    {
        TransformerEncoderLayer layer = new(Width, Heads, 8, 0, activation, normFirst, LayerChecks.Stream(1), DType.Float64);
        LayerChecks.State(layer, "norm1.weight").CopyFrom(LayerChecks.Normal(13, Width));
        LayerChecks.State(layer, "norm2.bias").CopyFrom(LayerChecks.Normal(14, Width));
        return layer;
    }

    private static double[] Expected(MultiHeadAttention layer, double[] query, double[] memory, bool[] excluded)
    {
        double[] weight = LayerChecks.Values(LayerChecks.State(layer, "in_proj_weight"));
        double[] bias = LayerChecks.Values(LayerChecks.State(layer, "in_proj_bias"));
        double[] Project(double[] x, int part) => Naive.Linear(
            x, weight[(part * Width * Width)..((part + 1) * Width * Width)], bias[(part * Width)..((part + 1) * Width)], Width);
        double[] mixed = Naive.Attention(Project(query, 0), Project(memory, 1), Project(memory, 2), Width, Heads, excluded);
        return Naive.Linear(
            mixed, LayerChecks.Values(LayerChecks.State(layer, "out_proj.weight")), LayerChecks.Values(LayerChecks.State(layer, "out_proj.bias")), Width);
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, static (x, y) => x + y)];
}
