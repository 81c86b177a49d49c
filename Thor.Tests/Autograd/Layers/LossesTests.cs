using Thor.Autograd;
using Thor.Autograd.Losses;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class LossesTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void CrossEntropy_WithIgnoredRows_EqualsFormula(double smoothing)
    {
        Tensor logits = LayerChecks.Normal(1, 2, 3, 4);
        int[] labels = [0, 3, -100, 1, -100, 2];
        double[] x = LayerChecks.Values(logits);
        double total = 0;
        for (int row = 0; row < 6; row++)
        {
            if (labels[row] >= 0)
            {
                double[] logs = LogSoftmax(x.AsSpan(row * 4, 4));
                total -= ((1 - smoothing) * logs[labels[row]]) + (smoothing * logs.Average());
            }
        }

        Variable loss = Losses.CrossEntropy(logits, Tensor.From(labels, [2, 3]), smoothing);
        Assert.Equal(Shape.Scalar, loss.Shape);
        LayerChecks.Near([total / 4], LayerChecks.Values(loss));
        Variable leaf = new(logits, requiresGradient: true);
        LayerChecks.CheckGradients(() => Losses.CrossEntropy(leaf, Tensor.From(labels, [2, 3]), smoothing), [leaf]);
    }

    [Fact]
    public void CrossEntropy_EveryRowIgnored_IsZero()
    {
        Variable logits = new(LayerChecks.Normal(1, 2, 4), requiresGradient: true);
        Variable loss = Losses.CrossEntropy(logits, Tensor.From(7, 7), ignoredLabel: 7);
        loss.Backward();
        Assert.Equal(0, loss.Value.Item());
        Assert.All(LayerChecks.Values(logits.Gradient!), static g => Assert.Equal(0, g));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void CrossEntropy_LabelOutOfRange_NamesRowAndRange(int label)
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(
            () => Losses.CrossEntropy(LayerChecks.Normal(1, 3, 4), Tensor.From(0, 1, label))).Message;
        Assert.Contains($"label {label} of row 2", message, StringComparison.Ordinal);
        Assert.Contains("[0, 4)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossEntropy_BadArguments_AreRefused()
    {
        Tensor logits = LayerChecks.Normal(1, 3, 4);
        Assert.Contains("[3, 4]", Assert.Throws<ShapeException>(() => Losses.CrossEntropy(logits, Tensor.From(0, 1))).Message, StringComparison.Ordinal);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => Losses.CrossEntropy(logits, Tensor.Zeros([3]))).ParamName);
        Assert.Equal("smoothing", Assert.Throws<ArgumentException>(() => Losses.CrossEntropy(logits, Tensor.From(0, 1, 2), 1.5)).ParamName);
    }

    [Fact]
    public void MeanSquaredError_HandValues_Agree()
    {
        Variable a = new(Tensor.From<double>([1, 2, 3, 4], [2, 2]), requiresGradient: true);
        Variable b = Tensor.From<double>([1, 0, 0, 8], [2, 2]);
        LayerChecks.Near([29.0 / 4], LayerChecks.Values(Losses.MeanSquaredError(a, b)));
        LayerChecks.CheckGradients(() => Losses.MeanSquaredError(a, b), [a]);
        Assert.Throws<ShapeException>(() => Losses.MeanSquaredError(a, Tensor.Zeros([2], DType.Float64)));
    }

    [Fact]
    public void BinaryCrossEntropy_BothReductions_EqualFormula()
    {
        Tensor logits = LayerChecks.Normal(1, 2, 3);
        Tensor targets = Tensor.From<double>([0, 1, 0.25, 1, 0, 0.5], [2, 3]);
        double total = 0;
        foreach ((double x, double z) in LayerChecks.Values(logits).Zip(LayerChecks.Values(targets)))
        {
            double p = 1 / (1 + Math.Exp(-x));
            total -= (z * Math.Log(p)) + ((1 - z) * Math.Log(1 - p));
        }

        LayerChecks.Near([total / 6], LayerChecks.Values(Losses.BinaryCrossEntropyWithLogits(logits, targets)));
        LayerChecks.Near([total / 2], LayerChecks.Values(Losses.BinaryCrossEntropyWithLogits(logits, targets, LossReduction.SumPerSample)));
        Variable leaf = new(logits, requiresGradient: true);
        LayerChecks.CheckGradients(() => Losses.BinaryCrossEntropyWithLogits(leaf, targets, LossReduction.SumPerSample), [leaf]);
    }

    [Fact]
    public void BinaryCrossEntropy_LargeLogits_DoNotOverflow()
    {
        Variable loss = Losses.BinaryCrossEntropyWithLogits(Tensor.From(1000f, -1000f), Tensor.From(1f, 1f));
        Assert.Equal(500, loss.Value.Item(), 3);
    }

    private static double[] LogSoftmax(ReadOnlySpan<double> row)
    {
        double total = 0;
        foreach (double v in row)
        {
            total += Math.Exp(v);
        }

        double[] logs = new double[row.Length];
        for (int i = 0; i < logs.Length; i++)
        {
            logs[i] = row[i] - Math.Log(total);
        }

        return logs;
    }
}
