using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Euclidean norms, summed in the element type, left on the device.</summary>
internal static class TensorNorm
{
    /// <summary>The norm of one tensor: a tensor of rank 0.</summary>
    public static Tensor Of(Tensor tensor) => Of([tensor]);

    /// <summary>The norm of several tensors of one device and element type as one vector: a tensor of rank 0.</summary>
    public static Tensor Of(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count == 0)
        {
            return Tensor.Scalar(0);
        }

        Tensor squares = Tensor.Empty([tensors.Count], tensors[0].DType, tensors[0].Device);
        for (int i = 0; i < tensors.Count; i++)
        {
            int[] ones = new int[tensors[i].Rank];
            Array.Fill(ones, 1);
            squares.Device.Backend.Reduce(ReduceOperation.SumOfSquares, tensors[i], squares.Slice(0, i, 1).Reshape(ones));
        }

        return squares.Sum().MapInPlace(UnaryOperation.SquareRoot);
    }

    /// <summary>A quotient of norms where both are above 0, else 1.</summary>
    public static Tensor Ratio(Tensor a, Tensor b, Tensor quotient) =>
        Tensor.Where(a.Map(UnaryOperation.Step) * b.Map(UnaryOperation.Step), quotient, Tensor.Ones(a.Shape, a.DType, a.Device));
}
