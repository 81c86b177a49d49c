using System.Numerics;

namespace Thor.Engine.Backends;

/// <content>Softmax, cross-entropy, batch and layer normalisation.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Softmax(Tensor x, Tensor y)
    {
        if (x.DType == DType.Float32)
        {
            Kernels.Host.Softmax.Rows(Pointer<float>(x), Pointer<float>(y), x.Shape.Extents[0], x.Shape.Extents[1]);
        }
        else
        {
            Kernels.Host.Softmax.Rows(Pointer<double>(x), Pointer<double>(y), x.Shape.Extents[0], x.Shape.Extents[1]);
        }
    }

    public override void LogSoftmax(Tensor x, Tensor y)
    {
        if (x.DType == DType.Float32)
        {
            Kernels.Host.Softmax.LogRows(Pointer<float>(x), Pointer<float>(y), x.Shape.Extents[0], x.Shape.Extents[1]);
        }
        else
        {
            Kernels.Host.Softmax.LogRows(Pointer<double>(x), Pointer<double>(y), x.Shape.Extents[0], x.Shape.Extents[1]);
        }
    }

    public override void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx)
    {
        if (y.DType == DType.Float32)
        {
            Kernels.Host.Softmax.Gradient(Pointer<float>(y), Pointer<float>(gradient), Pointer<float>(dx), y.Shape.Extents[0], y.Shape.Extents[1]);
        }
        else
        {
            Kernels.Host.Softmax.Gradient(Pointer<double>(y), Pointer<double>(gradient), Pointer<double>(dx), y.Shape.Extents[0], y.Shape.Extents[1]);
        }
    }

    public override void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx)
    {
        if (y.DType == DType.Float32)
        {
            Kernels.Host.Softmax.LogGradient(Pointer<float>(y), Pointer<float>(gradient), Pointer<float>(dx), y.Shape.Extents[0], y.Shape.Extents[1]);
        }
        else
        {
            Kernels.Host.Softmax.LogGradient(Pointer<double>(y), Pointer<double>(gradient), Pointer<double>(dx), y.Shape.Extents[0], y.Shape.Extents[1]);
        }
    }

    public override void CrossEntropy(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers)
    {
        RequireLabels(labels, ignoredLabel, logits.Shape.Extents[1]);
        if (logits.DType == DType.Float32)
        {
            CrossEntropy<float>(logits, labels, smoothing, ignoredLabel, losses, logNormalizers);
        }
        else
        {
            CrossEntropy<double>(logits, labels, smoothing, ignoredLabel, losses, logNormalizers);
        }
    }

    public override void CrossEntropyGradient(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits)
    {
        RequireLabels(labels, ignoredLabel, logits.Shape.Extents[1]);
        if (logits.DType == DType.Float32)
        {
            CrossEntropyGradient<float>(logits, labels, smoothing, ignoredLabel, logNormalizers, rowGradient, dlogits);
        }
        else
        {
            CrossEntropyGradient<double>(logits, labels, smoothing, ignoredLabel, logNormalizers, rowGradient, dlogits);
        }
    }

    public override void BatchNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
    {
        if (x.DType == DType.Float32)
        {
            BatchNorm<float>(x, weight, bias, epsilon, y, mean, inverseDeviation);
        }
        else
        {
            BatchNorm<double>(x, weight, bias, epsilon, y, mean, inverseDeviation);
        }
    }

    public override void BatchNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
    {
        if (x.DType == DType.Float32)
        {
            BatchNormGradient<float>(x, gradient, weight, mean, inverseDeviation, dx, dWeight, dBias);
        }
        else
        {
            BatchNormGradient<double>(x, gradient, weight, mean, inverseDeviation, dx, dWeight, dBias);
        }
    }

    public override void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y)
    {
        int plane = PlaneOf(x);
        if (x.DType == DType.Float32)
        {
            Kernels.Host.BatchNorm.ChannelAffine(
                Pointer<float>(x), Pointer<float>(scale), Pointer<float>(shift), Pointer<float>(y), x.Shape.Extents[0], x.Shape.Extents[1], plane);
        }
        else
        {
            Kernels.Host.BatchNorm.ChannelAffine(
                Pointer<double>(x), Pointer<double>(scale), Pointer<double>(shift), Pointer<double>(y), x.Shape.Extents[0], x.Shape.Extents[1], plane);
        }
    }

    public override void LayerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
    {
        if (x.DType == DType.Float32)
        {
            LayerNorm<float>(x, weight, bias, epsilon, y, mean, inverseDeviation);
        }
        else
        {
            LayerNorm<double>(x, weight, bias, epsilon, y, mean, inverseDeviation);
        }
    }

    public override void LayerNormGradient(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
    {
        if (x.DType == DType.Float32)
        {
            LayerNormGradient<float>(x, gradient, weight, mean, inverseDeviation, dx, dWeight, dBias);
        }
        else
        {
            LayerNormGradient<double>(x, gradient, weight, mean, inverseDeviation, dx, dWeight, dBias);
        }
    }

    private static void CrossEntropy<T>(Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers)
        where T : unmanaged, INumber<T> => Kernels.Host.CrossEntropy.Losses(
            Pointer<T>(logits), Pointer<int>(labels), smoothing, ignoredLabel, Pointer<T>(losses), Pointer<T>(logNormalizers), logits.Shape.Extents[0], logits.Shape.Extents[1]);

    private static void CrossEntropyGradient<T>(
        Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits)
        where T : unmanaged, INumber<T> => Kernels.Host.CrossEntropy.Gradient(
            Pointer<T>(logits),
            Pointer<int>(labels),
            smoothing,
            ignoredLabel,
            Pointer<T>(logNormalizers),
            Pointer<T>(rowGradient),
            Pointer<T>(dlogits),
            logits.Shape.Extents[0],
            logits.Shape.Extents[1]);

    private static void BatchNorm<T>(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
        where T : unmanaged, INumber<T> => Kernels.Host.BatchNorm.Forward(
            Pointer<T>(x),
            Pointer<T>(weight),
            Pointer<T>(bias),
            epsilon,
            Pointer<T>(y),
            Pointer<T>(mean),
            Pointer<T>(inverseDeviation),
            x.Shape.Extents[0],
            x.Shape.Extents[1],
            PlaneOf(x));

    private static void BatchNormGradient<T>(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
        where T : unmanaged, INumber<T> => Kernels.Host.BatchNorm.Gradient(
            Pointer<T>(x),
            Pointer<T>(gradient),
            Pointer<T>(weight),
            Pointer<T>(mean),
            Pointer<T>(inverseDeviation),
            Pointer<T>(dx),
            Pointer<T>(dWeight),
            Pointer<T>(dBias),
            x.Shape.Extents[0],
            x.Shape.Extents[1],
            PlaneOf(x));

    private static void LayerNorm<T>(Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation)
        where T : unmanaged, INumber<T> => Kernels.Host.LayerNorm.Forward(
            Pointer<T>(x),
            Pointer<T>(weight),
            Pointer<T>(bias),
            epsilon,
            Pointer<T>(y),
            Pointer<T>(mean),
            Pointer<T>(inverseDeviation),
            x.Shape.Extents[0],
            x.Shape.Extents[1]);

    private static void LayerNormGradient<T>(
        Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias)
        where T : unmanaged, INumber<T> => Kernels.Host.LayerNorm.Gradient(
            Pointer<T>(x),
            Pointer<T>(gradient),
            Pointer<T>(weight),
            Pointer<T>(mean),
            Pointer<T>(inverseDeviation),
            Pointer<T>(dx),
            Pointer<T>(dWeight),
            Pointer<T>(dBias),
            x.Shape.Extents[0],
            x.Shape.Extents[1]);

    private static int PlaneOf(Tensor x)
    {
        int plane = 1;
        foreach (int extent in x.Shape.Extents[2..])
        {
            plane *= extent;
        }

        return plane;
    }

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
