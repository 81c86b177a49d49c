namespace Thor.Autograd;

/// <summary>Parts of a training step that a <see cref="PhaseClock"/> times. Some lie inside others.</summary>
public enum StepPhase
{
    /// <summary>Forward and backward pass, with the statistics that are gathered on the way.</summary>
    Pass,

    /// <summary>Norms and covariances of what layers saw.</summary>
    Statistics,

    /// <summary>Damping and inverting curvature.</summary>
    Inversion,

    /// <summary>From gradients to directions.</summary>
    Preconditioning,

    /// <summary>All that the optimizer does: inversion, preconditioning and the rule.</summary>
    Update,
}
