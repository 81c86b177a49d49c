namespace Thor.Autograd.SecondOrder;

/// <summary>Which gradients g the output factors G = mean g g^T are made of. All estimators share A and the scale of the loss of one sample.</summary>
public enum FisherEstimator
{
    /// <summary>Those of the loss itself, with the true labels. Costs nothing beyond the step's own backward pass.</summary>
    Empirical,

    /// <summary>
    /// Those of labels drawn from the model's own predictive distribution: without bias for <see cref="GaussNewton"/>, with an error that falls as
    /// 1 / sqrt(<see cref="KroneckerOptions.FisherSamples"/>). One more backward pass to activations for each sample.
    /// </summary>
    MonteCarlo,

    /// <summary>
    /// The columns of a root of the loss's Hessian in the model's outputs: the exact generalised Gauss-Newton, which is the exact Fisher of
    /// these losses. One more backward pass to activations for each output of a sample.
    /// </summary>
    GaussNewton,

    /// <summary>None: G is the identity and neither formed nor inverted (Benzing 2022, "FOOF").</summary>
    InputOnly,
}
