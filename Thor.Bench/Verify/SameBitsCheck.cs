using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>Numbers that must have the same bits on every device as on the host.</summary>
/// <param name="Name">What is printed.</param>
/// <param name="Make">Makes them on a device.</param>
internal sealed record SameBitsCheck(string Name, Func<Device, Tensor> Make)
    : Check(Name)
{
    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        int[] result = Bits(Make(device).To(Device.Host));
        int[] reference = Bits(Make(Device.Host));
        int different = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            different += result[i] != reference[i] ? 1 : 0;
        }

        return CheckResult.Of(Name, (double)different / Math.Max(1, reference.Length), 0);
    }

    private static int[] Bits(Tensor tensor) => tensor.DType == DType.Int32
        ? tensor.ToArray<int>()
        : Array.ConvertAll(tensor.ToArray<float>(), BitConverter.SingleToInt32Bits);
}
