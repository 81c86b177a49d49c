using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Convolution and pooling.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Convolve(Tensor x, Tensor w, Tensor? bias, Tensor y, in Convolution2d geometry)
    {
        ConvolutionShape shape = Describe(x, w, geometry);
        if (x.DType == DType.Float32)
        {
            Convolution.Forward(Pointer<float>(x), Pointer<float>(w), bias is null ? null : Pointer<float>(bias), Pointer<float>(y), shape);
        }
        else
        {
            Convolution.Forward(Pointer<double>(x), Pointer<double>(w), bias is null ? null : Pointer<double>(bias), Pointer<double>(y), shape);
        }
    }

    public override void ConvolveInputGradient(Tensor dy, Tensor w, Tensor dx, in Convolution2d geometry)
    {
        ConvolutionShape shape = Describe(dx, w, geometry);
        if (dy.DType == DType.Float32)
        {
            Convolution.InputGradient(Pointer<float>(dy), Pointer<float>(w), Pointer<float>(dx), shape);
        }
        else
        {
            Convolution.InputGradient(Pointer<double>(dy), Pointer<double>(w), Pointer<double>(dx), shape);
        }
    }

    public override void ConvolveWeightGradient(Tensor x, Tensor dy, Tensor dw, in Convolution2d geometry)
    {
        ConvolutionShape shape = Describe(x, dw, geometry);
        if (x.DType == DType.Float32)
        {
            Convolution.WeightGradient(Pointer<float>(x), Pointer<float>(dy), Pointer<float>(dw), shape);
        }
        else
        {
            Convolution.WeightGradient(Pointer<double>(x), Pointer<double>(dy), Pointer<double>(dw), shape);
        }
    }

    public override void MaxPool(Tensor x, Tensor y, Tensor indices, in Pooling2d geometry)
    {
        if (x.DType == DType.Float32)
        {
            Pooling.MaxForward(Pointer<float>(x), Pointer<float>(y), Pointer<int>(indices), Planes(x), x.Shape[2], x.Shape[3], geometry);
        }
        else
        {
            Pooling.MaxForward(Pointer<double>(x), Pointer<double>(y), Pointer<int>(indices), Planes(x), x.Shape[2], x.Shape[3], geometry);
        }
    }

    public override void MaxPoolScatter(Tensor gradient, Tensor indices, Tensor dx)
    {
        if (dx.DType == DType.Float32)
        {
            Pooling.MaxScatter(Pointer<float>(gradient), Pointer<int>(indices), Pointer<float>(dx), Planes(dx), Plane(gradient), Plane(dx));
        }
        else
        {
            Pooling.MaxScatter(Pointer<double>(gradient), Pointer<int>(indices), Pointer<double>(dx), Planes(dx), Plane(gradient), Plane(dx));
        }
    }

    public override void MaxPoolGather(Tensor x, Tensor indices, Tensor y)
    {
        if (x.DType == DType.Float32)
        {
            Pooling.MaxGather(Pointer<float>(x), Pointer<int>(indices), Pointer<float>(y), Planes(x), Plane(y), Plane(x));
        }
        else
        {
            Pooling.MaxGather(Pointer<double>(x), Pointer<int>(indices), Pointer<double>(y), Planes(x), Plane(y), Plane(x));
        }
    }

    public override void AveragePool(Tensor x, Tensor y, in Pooling2d geometry)
    {
        if (x.DType == DType.Float32)
        {
            Pooling.AverageForward(Pointer<float>(x), Pointer<float>(y), Planes(x), x.Shape[2], x.Shape[3], geometry);
        }
        else
        {
            Pooling.AverageForward(Pointer<double>(x), Pointer<double>(y), Planes(x), x.Shape[2], x.Shape[3], geometry);
        }
    }

    public override void AveragePoolGradient(Tensor gradient, Tensor dx, in Pooling2d geometry)
    {
        if (dx.DType == DType.Float32)
        {
            Pooling.AverageGradient(Pointer<float>(gradient), Pointer<float>(dx), Planes(dx), dx.Shape[2], dx.Shape[3], geometry);
        }
        else
        {
            Pooling.AverageGradient(Pointer<double>(gradient), Pointer<double>(dx), Planes(dx), dx.Shape[2], dx.Shape[3], geometry);
        }
    }

    private static ConvolutionShape Describe(Tensor x, Tensor w, in Convolution2d geometry) =>
        new(x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], w.Shape[0], w.Shape[2], w.Shape[3], geometry);

    private static int Planes(Tensor images) => checked(images.Shape[0] * images.Shape[1]);

    private static int Plane(Tensor images) => checked(images.Shape[2] * images.Shape[3]);
}
