namespace Thor.Autograd.SecondOrder;

/// <summary>One line of the log of decisions: what became of a layer at an opportunity to refresh it, and why.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Layer">Dotted name of the layer.</param>
/// <param name="Decision">What became of it.</param>
/// <param name="Trace">tr(F + lambda I) now; null where no rule is set, the layer has no factors, or it stopped earlier.</param>
/// <param name="Change">D of <see cref="TraceRule"/>; null also where nothing was held to compare with.</param>
/// <param name="Probe">How far curvature turned or grew, by <see cref="KroneckerOptions.StalenessProbe"/>; null where it is off or nothing was held.</param>
public readonly record struct LayerDecision(long Step, string Layer, RefreshDecision Decision, double? Trace, double? Change, double? Probe);
