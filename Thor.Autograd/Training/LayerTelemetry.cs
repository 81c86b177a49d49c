using Thor.Autograd.SecondOrder;

namespace Thor.Autograd.Training;

/// <summary>What one step did to the weight of one layer.</summary>
/// <param name="Layer">Dotted name.</param>
/// <param name="GradientNorm">2-norm of the gradient that the optimizer saw; null, as the next two, on a step that is measured for its refresh alone.</param>
/// <param name="UpdateNorm">2-norm of what the step changed.</param>
/// <param name="Cosine">Cosine of the angle between the way gone and the way down the gradient: 1 is steepest descent. NaN where either is zero.</param>
/// <param name="Decision">What became of the layer's curvature, if the step could refresh it.</param>
/// <param name="InputDamping">What is added to the diagonal of A; null where there is none.</param>
/// <param name="OutputDamping">What is added to the diagonal of G.</param>
public sealed record LayerTelemetry(
    string Layer, double? GradientNorm, double? UpdateNorm, double? Cosine, LayerDecision? Decision, double? InputDamping, double? OutputDamping);
