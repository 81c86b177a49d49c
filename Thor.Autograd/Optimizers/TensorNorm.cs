using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Euclidean norms, summed in the element type.</summary>
internal static class TensorNorm
{
    /// <summary>The norm of one tensor. Waits for the device.</summary>
    public static double Of(Tensor tensor) => Of([tensor]);

    /// <summary>The norm of several tensors of one device and element type as one vector, read back at once. Waits for the device.</summary>
    public static double Of(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count == 0)
        {
            return 0;
        }

        using TensorScope scope = TensorScope.Begin();
        Tensor squares = Tensor.Empty([tensors.Count], tensors[0].DType, tensors[0].Device);
        for (int i = 0; i < tensors.Count; i++)
        {
            int[] ones = new int[tensors[i].Rank];
            Array.Fill(ones, 1);
            squares.Device.Backend.Reduce(ReduceOperation.SumOfSquares, tensors[i], squares.Slice(0, i, 1).Reshape(ones));
        }

        double sum = 0;
        foreach (double square in squares.Cast(DType.Float64).ToArray<double>())
        {
            sum += square;
        }

        return Math.Sqrt(sum);
    }
}
