using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>
/// A primitive on the device in Float32 against the host in Float64, on the same Float32 numbers.
/// </summary>
/// <remarks>
/// The error of an element is |y - reference| over a magnitude: the operation applied to absolute values in Float64 where it sums products
/// (Higham 2002, section 3.1: the error of a sum of k products is at most about k u times that), else |reference|. The bound counts roundings,
/// u = 2^-24.
/// </remarks>
/// <param name="Name">What is printed.</param>
/// <param name="Roundings">Bound in units of 2^-24; 0 for results that must be equal.</param>
/// <param name="Inputs">Float32 and Int32 tensors on the host.</param>
/// <param name="Operation">From inputs of one device to results there, in either floating type. It must not change its inputs.</param>
/// <param name="Sums">Whether the magnitude is the operation on absolute values.</param>
internal sealed record PrimitiveCheck(
    string Name, double Roundings, Func<RandomStream, Tensor[]> Inputs, Func<Tensor[], Tensor[]> Operation, bool Sums = false)
    : Check(Name)
{
    private const double Unit = 1.0 / (1 << 24);
    private const double SmallestNormal = 1.1754943508222875e-38;
    private const ulong Seed = 20;

    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        Tensor[] inputs = Inputs(new RandomStream(Seed));
        Tensor[] precise = Array.ConvertAll(inputs, static x => x.DType == DType.Float32 ? x.Cast(DType.Float64) : x);
        Tensor[] references = Operation(precise);
        Tensor[] magnitudes = Sums
            ? Operation(Array.ConvertAll(precise, static x => x.DType == DType.Float64 ? x.Map(UnaryOperation.Absolute) : x))
            : references;
        Tensor[] results = Operation(Array.ConvertAll(inputs, x => x.To(device)));
        double worst = 0;
        for (int i = 0; i < results.Length; i++)
        {
            double[] result = results[i].To(Device.Host).Cast(DType.Float64).ToArray<double>();
            worst = Math.Max(worst, Error(result, references[i].Cast(DType.Float64).ToArray<double>(), magnitudes[i].Cast(DType.Float64).ToArray<double>()));
        }

        return CheckResult.Of(Name, worst, Roundings * Unit);
    }

    private static double Error(double[] result, double[] reference, double[] magnitude)
    {
        double worst = 0;
        for (int i = 0; i < result.Length; i++)
        {
            if (result[i].Equals(reference[i]))
            {
                continue; // Equal, the same infinity, or both not a number.
            }

            double error = Math.Abs(result[i] - reference[i]) / Math.Max(Math.Abs(magnitude[i]), SmallestNormal);
            if (!double.IsFinite(error))
            {
                return double.PositiveInfinity;
            }

            worst = Math.Max(worst, error);
        }

        return worst;
    }
}
