using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>Random numbers.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Uniform(Tensor y, ulong key, ulong counter)
    {
        for (long i = 0; i < y.Length; i++)
        {
            if (y.DType == DType.Float32)
            {
                Pointer<float>(y)[i] = Philox.ToUniform(Philox.Word(key, counter + (ulong)i));
            }
            else
            {
                ulong at = counter + (2 * (ulong)i);
                Pointer<double>(y)[i] = Philox.ToUniform(Philox.Word(key, at), Philox.Word(key, at + 1));
            }
        }
    }

    public override void Normal(Tensor y, ulong key, ulong counter)
    {
        for (long i = 0; i < y.Length; i++)
        {
            if (y.DType == DType.Float32)
            {
                Pointer<float>(y)[i] = NormalTable.Draw(Philox.Word(key, counter + (ulong)i), NormalTable.Float);
            }
            else
            {
                ulong at = counter + (2 * (ulong)i);
                Pointer<double>(y)[i] = NormalTable.Draw(Philox.Word(key, at), Philox.Word(key, at + 1), NormalTable.Double);
            }
        }
    }

    public override void DropoutMask(Tensor y, double keep, ulong key, ulong counter)
    {
        ulong threshold = (ulong)(keep * 4294967296.0);
        for (long i = 0; i < y.Length; i++)
        {
            double value = Philox.Word(key, counter + (ulong)i) < threshold ? 1 / keep : 0;
            if (y.DType == DType.Float32)
            {
                Pointer<float>(y)[i] = (float)value;
            }
            else
            {
                Pointer<double>(y)[i] = value;
            }
        }
    }
}
