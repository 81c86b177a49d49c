using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Primitives of neural networks: fused forward functions and their first-order backward functions.</content>
public abstract partial class Backend
{
    /// <summary>y = softmax of x over the last axis; both (rows, n).</summary>
    public abstract void Softmax(Tensor x, Tensor y);

    /// <summary>y = log softmax of x over the last axis.</summary>
    public abstract void LogSoftmax(Tensor x, Tensor y);

    /// <summary>dx = y (g - sum(g y)) along the last axis, for y = softmax(x).</summary>
    public abstract void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx);

    /// <summary>dx = g - exp(y) sum(g) along the last axis, for y = log softmax(x).</summary>
    public abstract void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx);

    /// <summary>
    /// losses[i] = logNormalizers[i] - (1 - s) logits[i, label] - s mean(logits[i, :]) with s the label smoothing and
    /// logNormalizers the log-sum-exp of each row; 0 where the label is <paramref name="ignoredLabel"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Another label is outside [0, classes).</exception>
    public abstract void CrossEntropy(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers);

    /// <summary>dlogits[i, :] = rowGradient[i] (softmax(logits[i, :]) - target[i, :]); 0 where the label is ignored.</summary>
    public abstract void CrossEntropyGradient(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits);

    /// <summary>y = x convolved (cross-correlated) with w, plus bias per output channel.</summary>
    public abstract void Convolve(Tensor x, Tensor w, Tensor? bias, Tensor y, in Convolution2d geometry);

    /// <summary>dx = the adjoint of Convolve in x, applied to dy.</summary>
    public abstract void ConvolveInputGradient(Tensor dy, Tensor w, Tensor dx, in Convolution2d geometry);

    /// <summary>dw = the adjoint of Convolve in w, applied to dy.</summary>
    public abstract void ConvolveWeightGradient(Tensor x, Tensor dy, Tensor dw, in Convolution2d geometry);

    /// <summary>y = largest element of each window, indices (Int32) = its position y * width + x in the input plane, the first of equals.</summary>
    public abstract void MaxPool(Tensor x, Tensor y, Tensor indices, in Pooling2d geometry);

    /// <summary>dx[plane, indices[plane, i]] += g[plane, i], all else 0.</summary>
    public abstract void MaxPoolScatter(Tensor gradient, Tensor indices, Tensor dx);

    /// <summary>y[plane, i] = x[plane, indices[plane, i]]: the adjoint of <see cref="MaxPoolScatter"/>.</summary>
    public abstract void MaxPoolGather(Tensor x, Tensor indices, Tensor y);

    /// <summary>y = mean of the elements of each window that lie inside the image.</summary>
    public abstract void AveragePool(Tensor x, Tensor y, in Pooling2d geometry);

    /// <summary>dx = the adjoint of <see cref="AveragePool"/>.</summary>
    public abstract void AveragePoolGradient(Tensor gradient, Tensor dx, in Pooling2d geometry);

    /// <summary>
    /// Batch normalisation over all axes but 1: y = weight (x - mean) * inverseDeviation + bias with the batch's own mean and
    /// 1 / sqrt(variance + epsilon), both written; the variance is the biased one.
    /// </summary>
    public abstract void BatchNorm(
        Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation);

    /// <summary>First-order backward of <see cref="BatchNorm"/>; dx may be the gradient.</summary>
    public abstract void BatchNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias);

    /// <summary>y = x * scale + shift with one scale and shift per channel (axis 1).</summary>
    public abstract void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y);

    /// <summary>Layer normalisation over the last axis of (rows, n): as <see cref="BatchNorm"/>, with statistics per row.</summary>
    public abstract void LayerNorm(
        Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation);

    /// <summary>First-order backward of <see cref="LayerNorm"/>; dx may be the gradient.</summary>
    public abstract void LayerNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias);
}
