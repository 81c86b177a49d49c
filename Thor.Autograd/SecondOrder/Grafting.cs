namespace Thor.Autograd.SecondOrder;

/// <summary>Whose step length a preconditioned direction takes over, tensor by tensor (Agarwal et al. 2020; Anil et al. 2020).</summary>
public enum Grafting
{
    /// <summary>Its own.</summary>
    None,

    /// <summary>That of gradient descent: the norm of the gradient.</summary>
    Sgd,

    /// <summary>That of Adam with its usual settings (0.9, 0.999, 1e-8), whose moments are then part of the state.</summary>
    Adam,
}
