using Thor.Engine;
using Thor.Engine.Backends;

namespace Thor.Autograd.Optimizers;

/// <summary>What a rule needs to know to update one parameter.</summary>
/// <param name="Value">The parameter, changed in place.</param>
/// <param name="Gradient">Of the parameter's shape, contiguous.</param>
/// <param name="GradientScale">The rule sees this multiple of the gradient.</param>
/// <param name="DeviceScale">One element that multiplies the gradient on top of that, where a factor is known on the device only; null for 1.</param>
/// <param name="LearningRate">Of this parameter at this step.</param>
/// <param name="WeightDecay">Of this parameter.</param>
/// <param name="Count">Number of this update of this parameter, from 1.</param>
/// <param name="Moments">What the rule remembers of this parameter.</param>
/// <param name="Products">Products of tiles that take the gradient's place, see <see cref="IGradientTransform.ProductsOf"/>; null for none.</param>
internal readonly record struct ParameterUpdate(
    Tensor Value,
    Tensor Gradient,
    double GradientScale,
    Tensor? DeviceScale,
    double LearningRate,
    double WeightDecay,
    long Count,
    Tensor[] Moments,
    IReadOnlyList<TileProduct>? Products);
