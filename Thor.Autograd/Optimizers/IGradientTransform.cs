using Thor.Engine;

namespace Thor.Autograd.Optimizers;

/// <summary>Puts a direction in the place of a gradient.</summary>
internal interface IGradientTransform
{
    /// <summary>Replaces the gradient of a parameter by scale times another tensor, or leaves it.</summary>
    void Apply(Parameter parameter, ref Tensor gradient, ref double scale);
}
