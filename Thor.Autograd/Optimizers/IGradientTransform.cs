using Thor.Engine;
using Thor.Engine.Backends;

namespace Thor.Autograd.Optimizers;

/// <summary>Puts a direction in the place of a gradient.</summary>
internal interface IGradientTransform
{
    /// <summary>
    /// Replaces the gradient of a parameter by scale times another tensor, or leaves it. A factor that is known on the device only goes
    /// into <paramref name="deviceScale"/>, a tensor of one element.
    /// </summary>
    void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale);

    /// <summary>
    /// The products of tiles that would be the direction of a parameter and have not been made, so that they are done together with its update. Their results are
    /// the matrices, one below the other, that the parameter consists of. Null where <see cref="Apply"/> says what the rule follows.
    /// </summary>
    IReadOnlyList<TileProduct>? ProductsOf(Parameter parameter);
}
