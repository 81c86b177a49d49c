using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <summary>
/// The update by momentum (<see cref="UpdateRule.Momentum"/>) that a <see cref="TileProduct"/> is the gradient of: to the same bits what <see cref="Backend.Update"/> does with
/// the written product, in the one pass that makes it.
/// </summary>
/// <param name="Velocity">Of the parameter's shape, contiguous, changed; neither the parameter nor the gradient.</param>
/// <param name="Step">The numbers of the update.</param>
/// <param name="GradientScale">
/// One element of the parameter's type by which the product is multiplied on top of the step's own scale. NaN: parameter and velocity stay as they are.
/// </param>
public readonly record struct TileUpdate(Tensor Velocity, UpdateStep Step, Tensor? GradientScale = null);
