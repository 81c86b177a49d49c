using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Batch and layer normalisation.</content>
internal sealed partial class AcceleratorBackend
{
    public override void BatchNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) =>
        BatchNormLaunch.Forward(
            Stream,
            View<float>(x),
            View<float>(weight),
            View<float>(bias),
            epsilon,
            View<float>(y),
            View<float>(mean),
            View<float>(inverseDeviation),
            x.Shape[0],
            x.Shape[1],
            PlaneOf(x));

    public override void BatchNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) =>
        BatchNormLaunch.Gradient(
            Stream,
            View<float>(x),
            View<float>(gradient),
            View<float>(weight),
            View<float>(mean),
            View<float>(inverseDeviation),
            View<float>(dx),
            View<float>(dWeight),
            View<float>(dBias),
            x.Shape[0],
            x.Shape[1],
            PlaneOf(x));

    public override void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y) =>
        BatchNormLaunch.ChannelAffine(
            Stream, View<float>(x), View<float>(scale), View<float>(shift), View<float>(y), x.Shape[0], x.Shape[1], PlaneOf(x));

    public override void LayerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) =>
        LayerNormLaunch.Forward(
            Stream,
            View<float>(x),
            View<float>(weight),
            View<float>(bias),
            epsilon,
            View<float>(y),
            View<float>(mean),
            View<float>(inverseDeviation),
            x.Shape[0],
            x.Shape[1]);

    public override void LayerNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) =>
        LayerNormLaunch.Gradient(
            Stream,
            View<float>(x),
            View<float>(gradient),
            View<float>(weight),
            View<float>(mean),
            View<float>(inverseDeviation),
            View<float>(dx),
            View<float>(dWeight),
            View<float>(dBias),
            x.Shape[0],
            x.Shape[1]);

    private static int PlaneOf(Tensor x)
    {
        int plane = 1;
        foreach (int extent in x.Shape.Extents[2..])
        {
            plane *= extent;
        }

        return plane;
    }
}
