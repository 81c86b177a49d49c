using Thor.Kernels;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Convolution.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Convolve(Tensor x, Tensor w, Tensor? bias, Tensor y, in Convolution2d geometry) =>
        ConvolutionLaunch.Forward(Stream, View<float>(x), View<float>(w), bias is null ? default : View<float>(bias), View<float>(y), Describe(x, w, geometry));

    public override void ConvolveInputGradient(Tensor dy, Tensor w, Tensor dx, in Convolution2d geometry) =>
        ConvolutionLaunch.InputGradient(Stream, View<float>(dy), View<float>(w), View<float>(dx), Describe(dx, w, geometry));

    public override void ConvolveWeightGradient(Tensor x, Tensor dy, Tensor dw, in Convolution2d geometry) =>
        ConvolutionLaunch.WeightGradient(Stream, View<float>(x), View<float>(dy), View<float>(dw), Describe(x, dw, geometry));

    private static ConvolutionShape Describe(Tensor x, Tensor w, in Convolution2d geometry) =>
        new(x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], w.Shape[0], w.Shape[2], w.Shape[3], geometry);
}
