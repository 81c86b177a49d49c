using Thor.Autograd;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd;

/// <summary>What operations on variables compute, by hand. The numerics behind them are tested with the tensors.</summary>
public sealed class OperationValueTests
{
    private static readonly Variable s_matrix = Tensor.From([1.0, -2, 3, 4, 5, -6], [2, 3]);
    private static readonly Variable s_positive = Tensor.From(1.0, 4, 9);

    public static TheoryData<string, double[]> Unary => new()
    {
        { "negate", [-1, 2, -3, -4, -5, 6] }, { "square", [1, 4, 9, 16, 25, 36] }, { "abs", [1, 2, 3, 4, 5, 6] }, { "relu", [1, 0, 3, 4, 5, 0] },
        { "plus", [3, 0, 5, 6, 7, -4] }, { "minus", [-1, -4, 1, 2, 3, -8] }, { "from", [1, 4, -1, -2, -3, 8] }, { "times", [2, -4, 6, 8, 10, -12] },
        { "over", [0.5, -1, 1.5, 2, 2.5, -3] }, { "under", [60, -30, 20, 15, 12, -10] }, { "pow3", [1, -8, 27, 64, 125, -216] },
        { "pow0", [1, 1, 1, 1, 1, 1] }, { "pow1", [1, -2, 3, 4, 5, -6] }, { "transpose", [1, 4, -2, 5, 3, -6] }, { "permute", [1, 4, -2, 5, 3, -6] },
        { "slice", [1, 3, 4, -6] }, { "select", [-2, 5] }, { "sum", [5] }, { "sum0", [5, 3, -3] }, { "sum1", [2, 3] }, { "mean", [5.0 / 6] },
        { "mean1", [2.0 / 3, 1] }, { "max", [3, 5] }, { "min", [1, -2, -6] }, { "sumto", [2, 3] }, { "broadcast", [1, 4, 1, 4] }, { "dropout0", [1, -2, 3, 4, 5, -6] },
    };

    [Theory]
    [MemberData(nameof(Unary))]
    public void UnaryOperation_OnMatrix_GivesValuesByHand(string name, double[] expected)
    {
        Variable x = s_matrix;
        Variable y = name switch
        {
            "negate" => -x,
            "square" => x.Square(),
            "abs" => x.Abs(),
            "relu" => x.Relu(),
            "plus" => x + 2,
            "minus" => x - 2,
            "from" => 2 - x,
            "times" => 2 * x,
            "over" => x / 2,
            "under" => 60 / x,
            "pow3" => x.Pow(3),
            "pow0" => x.Pow(0),
            "pow1" => x.Pow(1),
            "transpose" => x.Transpose(),
            "permute" => x.Permute(1, 0),
            "slice" => x.Slice(1, 0, 2, 2),
            "select" => x.Select(1, 1),
            "sum" => x.Sum(),
            "sum0" => x.Sum(0),
            "sum1" => x.Sum(-1),
            "mean" => x.Mean(),
            "mean1" => x.Mean(1),
            "max" => x.Max(1),
            "min" => x.Min(0),
            "sumto" => x.SumTo([2, 1]),
            "broadcast" => x.Slice(1, 0, 1).Reshape(2).BroadcastTo([2, 2]),
            "dropout0" => x.Dropout(0, new RandomStream(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

        Near(expected, y);
    }

    [Theory]
    [InlineData("sqrt", new[] { 1, 2, 3.0 })]
    [InlineData("log", new[] { 0, 1.3862943611198906, 2.1972245773362196 })]
    [InlineData("exp", new[] { 2.718281828459045, 54.598150033144236, 8103.083927575384 })]
    [InlineData("tanh", new[] { 0.7615941559557649, 0.999329299739067, 0.9999999695400409 })]
    [InlineData("sigmoid", new[] { 0.7310585786300049, 0.9820137900379085, 0.9998766054240137 })]
    [InlineData("erf", new[] { 0.8427007929497149, 0.9999999845827421, 1 })]
    [InlineData("gelu", new[] { 0.8413447460685429, 3.9998733150326675, 9.0 })]
    [InlineData("softplus", new[] { 1.3132616875182228, 4.018149927917809, 9.000123402189984 })]
    [InlineData("sin", new[] { 0.8414709848078965, -0.7568024953079282, 0.4121184852417566 })]
    [InlineData("cos", new[] { 0.5403023058681398, -0.6536436208636119, -0.9111302618846769 })]
    [InlineData("softmax", new[] { 0.00033310642967602984, 0.006690621492609113, 0.9929762720777149 })]
    [InlineData("logsoftmax", new[] { -8.007048510411064, -5.007048510411065, -0.007048510411064407 })]
    [InlineData("logsumexp", new[] { 9.007048510411064 })]
    public void Function_OnPositive_GivesKnownValues(string name, double[] expected)
    {
        Variable x = s_positive;
        Variable y = name switch
        {
            "sqrt" => x.Sqrt(),
            "log" => x.Log(),
            "exp" => x.Exp(),
            "tanh" => x.Tanh(),
            "sigmoid" => x.Sigmoid(),
            "erf" => x.Erf(),
            "gelu" => x.Gelu(),
            "softplus" => x.Softplus(),
            "sin" => x.Sin(),
            "cos" => x.Cos(),
            "softmax" => x.Softmax(),
            "logsoftmax" => x.LogSoftmax(),
            "logsumexp" => x.LogSumExp(0),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

        Near(expected, y, 1e-12);
    }

    [Fact]
    public void BinaryOperations_BroadcastingRow_GiveValuesByHand()
    {
        Variable row = Tensor.From(1.0, 2, 4);

        Near([2, 0, 7, 5, 7, -2], s_matrix + row);
        Near([0, -4, -1, 3, 3, -10], s_matrix - row);
        Near([1, -4, 12, 4, 10, -24], s_matrix * row);
        Near([1, -1, 0.75, 4, 2.5, -1.5], s_matrix / row);
        Near([1, 2, 4, 4, 5, 4], Variable.Maximum(s_matrix, row));
        Near([1, -2, 3, 1, 2, -6], Variable.Minimum(s_matrix, row));
        Near([1, 2, 3, 4, 2, -6], Variable.Where(Tensor.From(1.0, 0, 1), s_matrix, row));
        Near([1, -2, 3, 1, 4, 5, -6, 2], Variable.Concatenate([s_matrix, Tensor.From([1.0, 2], [2, 1])], 1));
    }

    [Fact]
    public void MatMul_WithBias_GivesValuesByHand()
    {
        Variable w = Tensor.From([1.0, 0, 2, -1, 1, 1], [2, 3]);

        Near([7.5, -1, -7.5, -6], s_matrix.MatMul(w.Transpose(), Tensor.From(0.5, -1)));
    }

    [Fact]
    public void LogSumExp_OfOnlyNegativeInfinity_IsNegativeInfinity() =>
        Assert.Equal(double.NegativeInfinity, new Variable(Tensor.From(double.NegativeInfinity, double.NegativeInfinity)).LogSumExp(0).Value.Item());

    [Fact]
    public void Images_ConvolutionAndPooling_GiveValuesByHand()
    {
        Variable image = Tensor.From([1.0, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);

        Near([-3.5, -3.5, -3.5, -3.5], image.Conv2d(Tensor.From([1.0, 0, 0, -1], [1, 1, 2, 2]), Tensor.From(0.5), Convolution2d.Default));
        Near([5, 6, 8, 9], image.MaxPool2d(new Pooling2d(2, 2, 1, 1)));
        Near([3, 4, 6, 7], image.AveragePool2d(new Pooling2d(2, 2, 1, 1)));
        Near([5], image.GlobalAveragePool2d());
        Assert.Equal([1, 9], image.Flatten().Shape.Extents.ToArray());
        Assert.Equal([1, 1, 9], image.Flatten(2).Shape.Extents.ToArray());
    }

    [Fact]
    public void Normalisations_OfSimpleRows_GiveValuesByHand()
    {
        Variable x = Tensor.From([1.0, 10, 3, 30], [2, 2]);
        Variable weight = Tensor.From(2.0, 1);
        Variable bias = Tensor.From(0.0, 5);

        Near([-2, 4, 2, 6], x.BatchNorm(weight, bias, 0, out Tensor mean, out Tensor inverseDeviation));
        Near([2, 20], mean);
        Near([1, 0.1], inverseDeviation);
        Near([2, 15, 6, 35], x.ChannelAffine(weight, bias));
        Near([-2, 6, -2, 6], x.LayerNorm(weight, bias, 0));
    }

    [Fact]
    public void CrossEntropy_OfSmoothedAndIgnoredRows_GivesValuesByHand()
    {
        Variable logits = Tensor.From([0, 0, Math.Log(2), 0, 5, 5], [3, 2]);

        // Row 1: probabilities 2/3 and 1/3; smoothing 0.5 gives targets 0.25 and 0.75.
        double expected = -(0.25 * Math.Log(2.0 / 3)) - (0.75 * Math.Log(1.0 / 3));
        Near([Math.Log(2), expected, 0], logits.CrossEntropy(Tensor.From(0, 1, -100), smoothing: 0.5));
    }

    [Fact]
    public void Embedding_OfIds_GathersRows() => Near([4, 5, -6, 1, -2, 3, 4, 5, -6], s_matrix.Embedding(Tensor.From(1, 0, 1)));

    [Fact]
    public void Dropout_OfOnes_KeepsScaledAndIsRepeatable()
    {
        Variable ones = Tensor.Ones([1000], DType.Float64);

        double[] a = ones.Dropout(0.25, new RandomStream(5)).Value.ToArray<double>();

        Assert.All(a, static v => Assert.True(v == 0 || Math.Abs(v - (4.0 / 3)) < 1e-7));
        Assert.InRange(a.Count(static v => v == 0), 190, 310);
        Assert.Equal(a, ones.Dropout(0.25, new RandomStream(5)).Value.ToArray<double>());
    }

    private static void Near(double[] expected, Variable actual, double tolerance = 1e-14)
    {
        double[] values = actual.Value.ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"element {i}: expected {expected[i]:R}, got {values[i]:R}");
        }
    }
}
