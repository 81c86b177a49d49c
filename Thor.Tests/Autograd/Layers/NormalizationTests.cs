using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class NormalizationTests
{
    [Fact]
    public void LayerNorm_Rows_EqualFormula()
    {
        LayerNorm layer = new(5, 1e-3, DType.Float64);
        layer.Weight.Value.CopyFrom(LayerChecks.Normal(1, 5));
        layer.Bias!.Value.CopyFrom(LayerChecks.Normal(2, 5));
        Tensor x = LayerChecks.Normal(3, 2, 3, 5);
        double[] expected = Naive.LayerNorm(LayerChecks.Values(x), LayerChecks.Values(layer.Weight), LayerChecks.Values(layer.Bias!), 1e-3);
        LayerChecks.Near(expected, LayerChecks.Values(layer.Forward(x)));
        LayerChecks.CheckGradients(layer, x);
    }

    [Fact]
    public void LayerNorm_WrongWidth_Throws() => Assert.Throws<ShapeException>(() => new LayerNorm(4).Forward(Tensor.Zeros([2, 5])));

    [Fact]
    public void BatchNorm_Training_NormalizesTheBatch()
    {
        BatchNorm2d layer = Layer();
        Tensor x = LayerChecks.Normal(3, 4, 2, 3, 2);
        double[] y = LayerChecks.Values(layer.Forward(x));
        for (int channel = 0; channel < 2; channel++)
        {
            (double mean, double variance) = Moments(LayerChecks.Values(x), channel);
            double weight = LayerChecks.Values(layer.Weight)[channel];
            double bias = LayerChecks.Values(layer.Bias!)[channel];
            double[] expected = [.. Channel(LayerChecks.Values(x), channel).Select(v => (weight * (v - mean) / Math.Sqrt(variance + 1e-5)) + bias)];
            LayerChecks.Near(expected, [.. Channel(y, channel)]);
        }

        LayerChecks.CheckGradients(layer, x);
    }

    [Fact]
    public void BatchNorm_Training_MovesRunningStatisticsAsTorchDoes()
    {
        BatchNorm2d layer = Layer();
        double[] mean = [0, 0];
        double[] variance = [1, 1];
        for (ulong step = 0; step < 3; step++)
        {
            Tensor x = LayerChecks.Normal(10 + step, 4, 2, 3, 2);
            using (TensorScope scope = TensorScope.Begin())
            {
                layer.Forward(x);
            }

            for (int channel = 0; channel < 2; channel++)
            {
                (double batchMean, double batchVariance) = Moments(LayerChecks.Values(x), channel);
                mean[channel] = (0.9 * mean[channel]) + (0.1 * batchMean);
                variance[channel] = (0.9 * variance[channel]) + (0.1 * batchVariance * 24 / 23);
            }
        }

        LayerChecks.Near(mean, LayerChecks.Values(layer.RunningMean.Value));
        LayerChecks.Near(variance, LayerChecks.Values(layer.RunningVariance.Value), 1e-11);
        Assert.Equal(3, LayerChecks.State(layer, "num_batches_tracked").Item());
    }

    [Fact]
    public void BatchNorm_Evaluation_UsesRunningStatisticsAndLeavesThem()
    {
        BatchNorm2d layer = Layer();
        layer.RunningMean.Value.CopyFrom(Tensor.From(0.5, -1.0));
        layer.RunningVariance.Value.CopyFrom(Tensor.From(4.0, 0.25));
        layer.Eval();
        Tensor x = LayerChecks.Normal(3, 2, 2, 2, 2);
        double[] y = LayerChecks.Values(layer.Forward(x));
        double[] weight = LayerChecks.Values(layer.Weight);
        double[] bias = LayerChecks.Values(layer.Bias!);
        LayerChecks.Near(
            [.. Channel(LayerChecks.Values(x), 1, 4).Select(v => (weight[1] * (v + 1) / Math.Sqrt(0.25 + 1e-5)) + bias[1])],
            [.. Channel(y, 1, 4)]);
        LayerChecks.Near([0.5, -1.0], LayerChecks.Values(layer.RunningMean.Value));
        Assert.Equal(0, LayerChecks.State(layer, "num_batches_tracked").Item());
        LayerChecks.CheckGradients(layer, x);
    }

    [Fact]
    public void BatchNorm_OneValuePerChannel_IsRefusedInTrainingOnly()
    {
        BatchNorm2d layer = new(2);
        Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Zeros([1, 2, 1, 1])));
        layer.Eval();
        Assert.Equal(2, layer.Forward(Tensor.Zeros([1, 2, 1, 1])).Shape.Length);
        Assert.Throws<ShapeException>(() => layer.Forward(Tensor.Zeros([1, 3, 1, 1])));
    }

    private static BatchNorm2d Layer()
    {
        BatchNorm2d layer = new(2, type: DType.Float64);
        layer.Weight.Value.CopyFrom(LayerChecks.Normal(1, 2));
        layer.Bias!.Value.CopyFrom(LayerChecks.Normal(2, 2));
        return layer;
    }

    private static IEnumerable<double> Channel(double[] values, int channel, int plane = 6) =>
        values.Where((_, i) => i / plane % 2 == channel);

    private static (double Mean, double Variance) Moments(double[] values, int channel)
    {
        double mean = Channel(values, channel).Average();
        return (mean, Channel(values, channel).Average(v => (v - mean) * (v - mean)));
    }
}
