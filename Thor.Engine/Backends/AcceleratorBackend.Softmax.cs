using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Softmax and cross-entropy.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Softmax(Tensor x, Tensor y) => SoftmaxLaunch.Softmax(Stream, View<float>(x), View<float>(y), x.Shape[0], x.Shape[1]);

    public override void LogSoftmax(Tensor x, Tensor y) => SoftmaxLaunch.LogSoftmax(Stream, View<float>(x), View<float>(y), x.Shape[0], x.Shape[1]);

    public override void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) =>
        SoftmaxLaunch.SoftmaxGradient(Stream, View<float>(y), View<float>(gradient), View<float>(dx), y.Shape[0], y.Shape[1]);

    public override void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) =>
        SoftmaxLaunch.LogSoftmaxGradient(Stream, View<float>(y), View<float>(gradient), View<float>(dx), y.Shape[0], y.Shape[1]);

    public override void CrossEntropy(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers) =>
        CrossEntropyLaunch.Losses(
            Stream,
            View<float>(logits),
            View<int>(labels),
            View<float>(losses),
            View<float>(logNormalizers),
            Faults,
            CrossEntropyTarget.Of(smoothing, logits.Shape[1], ignoredLabel),
            logits.Shape[0],
            logits.Shape[1]);

    public override void CrossEntropyGradient(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits) =>
        CrossEntropyLaunch.Gradient(
            Stream,
            View<float>(logits),
            View<int>(labels),
            View<float>(logNormalizers),
            View<float>(rowGradient),
            View<float>(dlogits),
            Faults,
            CrossEntropyTarget.Of(smoothing, logits.Shape[1], ignoredLabel),
            logits.Shape[0],
            logits.Shape[1]);
}
