using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Optimizers;

/// <summary>Bounds on gradients, applied in place between the backward pass and the step.</summary>
public static class GradientClipping
{
    /// <summary>Scales all gradients by one factor so that their common norm is at most <paramref name="maximum"/>. Gradients within the bound keep their bits.</summary>
    /// <param name="parameters">Parameters of one device and element type; those without a gradient are passed over.</param>
    /// <param name="maximum">Bound on the Euclidean norm.</param>
    /// <returns>
    /// The norm before clipping, one element on the parameters' device, so that nothing waits unless it is read; not finite if a gradient
    /// is not, and then no gradient is changed.
    /// </returns>
    public static Tensor ByGlobalNorm(IEnumerable<Parameter> parameters, double maximum)
    {
        Require.NotNegative(maximum);
        List<Tensor> gradients = Of(parameters);
        Tensor norm = TensorNorm.Of(gradients);
        if (gradients.Count == 0)
        {
            return norm;
        }

        if (norm.Device.IsHost)
        {
            // Reading costs nothing here, and mostly there is nothing to do.
            double length = norm.Item();
            if (length > maximum && double.IsFinite(length))
            {
                foreach (Tensor gradient in gradients)
                {
                    gradient.MapInPlace(BinaryOperation.Multiply, maximum / length);
                }
            }

            return norm;
        }

        Tensor one = Tensor.Ones(norm.Shape, norm.DType, norm.Device);
        Tensor beyond = Tensor.Map(BinaryOperation.Greater, norm, maximum) * norm.Map(UnaryOperation.IsFinite);
        Tensor factor = Tensor.Where(beyond, maximum / norm, one);
        foreach (Tensor gradient in gradients)
        {
            gradient.MapInPlace(BinaryOperation.Multiply, factor);
        }

        return norm;
    }

    /// <summary>Moves every element of every gradient into [-maximum, maximum]; NaN stays NaN.</summary>
    public static void ByValue(IEnumerable<Parameter> parameters, double maximum)
    {
        Require.NotNegative(maximum);
        foreach (Tensor gradient in Of(parameters))
        {
            gradient.Device.Backend.Map(BinaryOperation.Minimum, gradient, maximum, gradient);
            gradient.Device.Backend.Map(BinaryOperation.Maximum, gradient, -maximum, gradient);
        }
    }

    private static List<Tensor> Of(IEnumerable<Parameter> parameters)
    {
        List<Tensor> gradients = [];
        foreach (Parameter parameter in parameters)
        {
            if (parameter.Gradient is Tensor gradient)
            {
                gradients.Add(gradient);
            }
        }

        return gradients;
    }
}
