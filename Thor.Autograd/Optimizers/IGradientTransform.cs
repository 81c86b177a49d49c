using Thor.Engine;

namespace Thor.Autograd.Optimizers;

/// <summary>Puts a direction in the place of a gradient.</summary>
internal interface IGradientTransform
{
    /// <summary>
    /// Replaces the gradient of a parameter by scale times another tensor, or leaves it. A factor that is known on the device only goes
    /// into <paramref name="deviceScale"/>, a tensor of one element.
    /// </summary>
    void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale);
}
