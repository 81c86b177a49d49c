using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>The bound on how far the model's predictions move in one step (Osawa et al. 2019; Pauloski et al. 2020).</summary>
public static class KlClip
{
    /// <summary>nu = min(1, sqrt(bound / (learningRate^2 |v . g|))): what preconditioned gradients v are multiplied by.</summary>
    /// <param name="bound">k.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="innerProducts">(layers), v . g of each; where their sum is not finite nothing is clipped, so that the fault stays visible.</param>
    /// <returns>A new tensor of one element, on the device of the inner products; nothing waits for it.</returns>
    public static Tensor Factor(double bound, double learningRate, Tensor innerProducts)
    {
        ArgumentNullException.ThrowIfNull(innerProducts);
        Tensor moved = innerProducts.Sum().Reshape(1).MapInPlace(UnaryOperation.Absolute);
        Tensor factor = (bound / (learningRate * learningRate) / moved).MapInPlace(UnaryOperation.SquareRoot).MapInPlace(BinaryOperation.Minimum, 1);
        return Tensor.Where(moved.Map(UnaryOperation.IsFinite), factor, Tensor.Ones([1], moved.DType, moved.Device));
    }
}
