using Thor.Kernels;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Pooling.</content>
internal sealed partial class AcceleratorBackend
{
    public override void MaxPool(Tensor x, Tensor y, Tensor indices, in Pooling2d geometry) =>
        PoolingLaunch.Max(Stream, View<float>(x), View<float>(y), View<int>(indices), Planes(x), x.Shape[2], x.Shape[3], geometry);

    public override void MaxPoolScatter(Tensor gradient, Tensor indices, Tensor dx) =>
        PoolingLaunch.MaxScatter(Stream, View<float>(gradient), View<int>(indices), View<float>(dx), Faults, Planes(dx), Plane(gradient), Plane(dx));

    public override void MaxPoolGather(Tensor x, Tensor indices, Tensor y) =>
        PoolingLaunch.MaxGather(Stream, View<float>(x), View<int>(indices), View<float>(y), Faults, Planes(x), Plane(y), Plane(x));

    public override void AveragePool(Tensor x, Tensor y, in Pooling2d geometry) =>
        PoolingLaunch.Average(Stream, View<float>(x), View<float>(y), Planes(x), x.Shape[2], x.Shape[3], geometry);

    public override void AveragePoolGradient(Tensor gradient, Tensor dx, in Pooling2d geometry) =>
        PoolingLaunch.AverageGradient(Stream, View<float>(gradient), View<float>(dx), Planes(dx), dx.Shape[2], dx.Shape[3], geometry);

    private static int Planes(Tensor images) => checked(images.Shape[0] * images.Shape[1]);

    private static int Plane(Tensor images) => checked(images.Shape[2] * images.Shape[3]);
}
