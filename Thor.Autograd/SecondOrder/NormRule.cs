namespace Thor.Autograd.SecondOrder;

/// <summary>What happens to the weights and biases of normalisations, which belong to one channel each.</summary>
public enum NormRule
{
    /// <summary>As published for THOR: layer norms by a diagonal rule on the gradient of each step, batch norms first-order.</summary>
    Diagonal,

    /// <summary>Layer and batch norms by the curvature of each channel's weight and bias together: one block of 2 x 2 a channel (Osawa et al. 2019).</summary>
    UnitWise,
}
