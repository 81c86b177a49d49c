namespace Thor.Engine.Backends;

/// <content>Softmax, cross-entropy, batch and layer normalisation.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Softmax(Tensor x, Tensor y)
    {
        Tensor shifted = x - x.Reduce(Kernels.ReduceOperation.Maximum, [1], keepAxes: true);
        Tensor powers = shifted.Map(Kernels.UnaryOperation.Exponential);
        Copy(powers / powers.Reduce(Kernels.ReduceOperation.Sum, [1], keepAxes: true), y);
    }

    public override void LogSoftmax(Tensor x, Tensor y) => Copy(x - LogSumExp(x), y);

    public override void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) =>
        Copy(y * (gradient - (gradient * y).Reduce(Kernels.ReduceOperation.Sum, [1], keepAxes: true)), dx);

    public override void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) =>
        Copy(gradient - (y.Map(Kernels.UnaryOperation.Exponential) * gradient.Reduce(Kernels.ReduceOperation.Sum, [1], keepAxes: true)), dx);

    public override void CrossEntropy(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers)
    {
        RequireLabels(labels, ignoredLabel, logits.Shape.Extents[1]);
        Copy(LogSumExp(logits).Squeeze(1), logNormalizers);
        Tensor chosen = (logits * labels.OneHot(logits.Shape.Extents[1], logits.DType)).Sum(1);
        Tensor all = logNormalizers - (chosen * (1 - smoothing)) - (logits.Mean(1) * smoothing);
        Copy(all * Counts(labels, ignoredLabel, logits.DType), losses);
    }

    public override void CrossEntropyGradient(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits)
    {
        int classes = logits.Shape.Extents[1];
        Tensor target = (labels.OneHot(classes, logits.DType) * (1 - smoothing)) + (smoothing / classes);
        Tensor share = (logits - logNormalizers.Unsqueeze(1)).Map(Kernels.UnaryOperation.Exponential) - target;
        Copy(share * (rowGradient * Counts(labels, ignoredLabel, logits.DType)).Unsqueeze(1), dlogits);
    }

    public override void BatchNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
    {
        Tensor planes = PlanesOf(x);
        Copy(planes.Mean(0, 2), mean);
        Tensor centred = planes - Column(mean);
        Copy((centred.Map(Kernels.UnaryOperation.Square).Mean(0, 2) + epsilon).Map(Kernels.UnaryOperation.ReciprocalSquareRoot), inverseDeviation);
        Copy((centred * Column(inverseDeviation) * Column(weight)) + Column(bias), PlanesOf(y));
    }

    public override void BatchNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
    {
        Tensor normal = (PlanesOf(x) - Column(mean)) * Column(inverseDeviation);
        Tensor g = PlanesOf(gradient);
        Copy(g.Sum(0, 2), dBias);
        Copy((g * normal).Sum(0, 2), dWeight);
        double count = (double)x.Length / weight.Length;
        Copy((g - (Column(dBias) / count) - (normal * (Column(dWeight) / count))) * Column(weight * inverseDeviation), PlanesOf(dx));
    }

    public override void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y) =>
        Copy((PlanesOf(x) * Column(scale)) + Column(shift), PlanesOf(y));

    public override void LayerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
    {
        Copy(x.Mean(1), mean);
        Tensor centred = x - mean.Unsqueeze(1);
        Copy((centred.Map(Kernels.UnaryOperation.Square).Mean(1) + epsilon).Map(Kernels.UnaryOperation.ReciprocalSquareRoot), inverseDeviation);
        Copy((centred * inverseDeviation.Unsqueeze(1) * weight) + bias, y);
    }

    public override void LayerNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
    {
        Tensor normal = (x - mean.Unsqueeze(1)) * inverseDeviation.Unsqueeze(1);
        Tensor weighted = gradient * weight;
        Copy(gradient.Sum(0), dBias);
        Copy((gradient * normal).Sum(0), dWeight);
        Tensor along = (weighted * normal).Mean(1).Unsqueeze(1);
        Copy((weighted - weighted.Mean(1).Unsqueeze(1) - (normal * along)) * inverseDeviation.Unsqueeze(1), dx);
    }

    private static Tensor LogSumExp(Tensor x)
    {
        Tensor top = x.Reduce(Kernels.ReduceOperation.Maximum, [1], keepAxes: true);
        Tensor powers = (x - top).Map(Kernels.UnaryOperation.Exponential);
        return top + powers.Reduce(Kernels.ReduceOperation.Sum, [1], keepAxes: true).Map(Kernels.UnaryOperation.Logarithm);
    }

    private static Tensor Counts(Tensor labels, int ignoredLabel, DType type) =>
        (Tensor.Map(Kernels.BinaryOperation.Equal, labels, ignoredLabel) - 1).Map(Kernels.UnaryOperation.Absolute).Cast(type);

    private static Tensor PlanesOf(Tensor x) =>
        x.Reshape(x.Shape.Extents[0], x.Shape.Extents[1], (int)(x.Length / Math.Max(1, (long)x.Shape.Extents[0] * x.Shape.Extents[1])));

    private static Tensor Column(Tensor x) => x.Reshape(-1, 1);

    private static void RequireLabels(Tensor labels, int ignoredLabel, int classes)
    {
        int* label = Pointer<int>(labels);
        for (long i = 0; i < labels.Length; i++)
        {
            if (label[i] != ignoredLabel && (uint)label[i] >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels), label[i], $"Label number {i} is outside [0, {classes}) and is not the ignored label {ignoredLabel}.");
            }
        }
    }
}
