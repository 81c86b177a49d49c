namespace Thor.Autograd.SecondOrder;

/// <summary>How the damping lambda of a product A kron G is shared out over the two factors.</summary>
public enum DampingSplit
{
    /// <summary>sqrt(lambda) on each.</summary>
    Plain,

    /// <summary>
    /// pi sqrt(lambda) on A and sqrt(lambda) / pi on G with pi^2 = (tr A / dim A) / (tr G / dim G) (Martens and Grosse 2015, section 6.3):
    /// scaling A against G does not change the update.
    /// </summary>
    Pi,

    /// <summary>
    /// Not split: in the eigenvectors of A and G, tile by tile, every element of the gradient is divided by T s d + lambda, with s and d the eigenvalues
    /// that it belongs to. It inverts T (A kron G) + lambda I exactly where tiles cover the factors, and follows lambda on every step, refresh or not.
    /// </summary>
    Exact,
}
