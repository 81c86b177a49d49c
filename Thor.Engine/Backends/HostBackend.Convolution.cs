using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Placeholder, replaced family by family.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Convolve(Tensor x, Tensor w, Tensor? bias, Tensor y, in Convolution2d geometry) => throw new NotImplementedException();

    public override void ConvolveInputGradient(Tensor dy, Tensor w, Tensor dx, in Convolution2d geometry) => throw new NotImplementedException();

    public override void ConvolveWeightGradient(Tensor x, Tensor dy, Tensor dw, in Convolution2d geometry) => throw new NotImplementedException();

    public override void MaxPool(Tensor x, Tensor y, Tensor indices, in Pooling2d geometry) => throw new NotImplementedException();

    public override void MaxPoolScatter(Tensor gradient, Tensor indices, Tensor dx) => throw new NotImplementedException();

    public override void MaxPoolGather(Tensor x, Tensor indices, Tensor y) => throw new NotImplementedException();

    public override void AveragePool(Tensor x, Tensor y, in Pooling2d geometry) => throw new NotImplementedException();

    public override void AveragePoolGradient(Tensor gradient, Tensor dx, in Pooling2d geometry) => throw new NotImplementedException();
}
