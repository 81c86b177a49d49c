using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>Random numbers.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Uniform(Tensor y, ulong key, ulong counter)
    {
        RequireKind(y);
        RandomLaunch.Uniform(Stream, View<float>(y), key, counter);
    }

    public override void Normal(Tensor y, ulong key, ulong counter)
    {
        RequireKind(y);
        RandomLaunch.Normal(Stream, View<float>(y), key, counter);
    }

    public override void DropoutMask(Tensor y, double keep, ulong key, ulong counter)
    {
        RequireKind(y);
        RandomLaunch.Mask(Stream, View<float>(y), key, counter, (ulong)(keep * 4294967296.0), (float)(1 / keep));
    }
}
