namespace Thor.Engine.Backends;

/// <content>Placeholder, replaced family by family.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Softmax(Tensor x, Tensor y) => throw new NotImplementedException();

    public override void LogSoftmax(Tensor x, Tensor y) => throw new NotImplementedException();

    public override void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) => throw new NotImplementedException();

    public override void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) => throw new NotImplementedException();

    public override void CrossEntropy(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers) => throw new NotImplementedException();

    public override void CrossEntropyGradient(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits) => throw new NotImplementedException();

    public override void BatchNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) => throw new NotImplementedException();

    public override void BatchNormGradient(Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) => throw new NotImplementedException();

    public override void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y) => throw new NotImplementedException();

    public override void LayerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) => throw new NotImplementedException();

    public override void LayerNormGradient(Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) => throw new NotImplementedException();
}
