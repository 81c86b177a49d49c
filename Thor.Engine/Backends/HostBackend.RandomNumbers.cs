using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Random numbers.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Uniform(Tensor y, ulong key, ulong counter)
    {
        if (y.DType == DType.Float32)
        {
            RandomFill.Uniform(Pointer<float>(y), y.Length, key, counter);
        }
        else
        {
            RandomFill.Uniform(Pointer<double>(y), y.Length, key, counter);
        }
    }

    public override void Normal(Tensor y, ulong key, ulong counter)
    {
        if (y.DType == DType.Float32)
        {
            RandomFill.Normal(Pointer<float>(y), y.Length, key, counter);
        }
        else
        {
            RandomFill.Normal(Pointer<double>(y), y.Length, key, counter);
        }
    }

    public override void DropoutMask(Tensor y, double keep, ulong key, ulong counter)
    {
        ulong threshold = (ulong)(keep * 4294967296.0);
        if (y.DType == DType.Float32)
        {
            RandomFill.Mask(Pointer<float>(y), y.Length, key, counter, threshold, (float)(1 / keep));
        }
        else
        {
            RandomFill.Mask(Pointer<double>(y), y.Length, key, counter, threshold, 1 / keep);
        }
    }
}
