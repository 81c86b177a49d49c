namespace Thor.Autograd.SecondOrder;

/// <summary>
/// How dense layers over sequences and convolutions, which use their weight at T positions of every sample, become one A and one G
/// (Eschenhagen et al. 2023). A sample's gradient is the sum over positions of g a^T.
/// </summary>
public enum WeightSharing
{
    /// <summary>
    /// Every position is a row: A and G are means over samples and positions, and the curvature is about T (A kron G). Exact (for
    /// one sample, or where a and g are independent over samples) where gradients of different positions do not meet, as in a network that maps every position by
    /// itself and sums its losses.
    /// </summary>
    Expand,

    /// <summary>
    /// Every sample is a row: the mean of a over its positions, and the sum of g over them; the curvature is about A kron G. Exact where either
    /// does not depend on the position, as behind a network whose outputs are pooled over positions by a mean.
    /// </summary>
    Reduce,
}
