namespace Thor.Autograd.SecondOrder;

/// <summary>
/// How dense layers over sequences and convolutions, which use their weight at T positions of every sample, become one A and one G
/// (Eschenhagen et al. 2023). The gradient of a sample is the sum over its positions of g a^T.
/// </summary>
public enum WeightSharing
{
    /// <summary>
    /// Every position is a row: A and G are means over samples and positions of a a^T and g g^T, and the curvature is T (A kron G). Exact, with
    /// <see cref="FisherEstimator.GaussNewton"/>, for deep linear networks that map every position by itself and sum squared errors over them.
    /// </summary>
    Expand,

    /// <summary>
    /// Every sample is a row: A is the mean over samples of m m^T, m the mean of a over the sample's positions; G that of s s^T, s the sum of g
    /// over them; the curvature is A kron G. Exact, with <see cref="FisherEstimator.GaussNewton"/>, for deep linear networks that end in the mean (or a sum)
    /// over positions and a squared error.
    /// </summary>
    Reduce,
}
