namespace Thor.Autograd.SecondOrder;

/// <summary>What is added to the diagonals of A and G before they are inverted.</summary>
/// <param name="Input">Added to A.</param>
/// <param name="Output">Added to G.</param>
public readonly record struct Damping(double Input, double Output)
{
    /// <summary>sqrt(lambda / T) on each factor.</summary>
    /// <param name="lambda">Damping of the product.</param>
    /// <param name="positions">T: 1, or the output positions of a convolution, whose curvature is T (A kron G).</param>
    public static Damping Plain(double lambda, double positions = 1)
    {
        double root = Math.Sqrt(lambda / positions);
        return new Damping(root, root);
    }

    /// <summary>pi sqrt(lambda / T) on A and sqrt(lambda / T) / pi on G. Plain where a mean is zero or not finite.</summary>
    /// <param name="lambda">Damping of the product.</param>
    /// <param name="positions">T, as in <see cref="Plain"/>.</param>
    /// <param name="inputMean">tr A / dim A.</param>
    /// <param name="outputMean">tr G / dim G.</param>
    public static Damping Pi(double lambda, double positions, double inputMean, double outputMean)
    {
        double root = Math.Sqrt(lambda / positions);
        double pi = Math.Sqrt(inputMean / outputMean);
        return pi > 0 && double.IsFinite(pi) ? new Damping(pi * root, root / pi) : Plain(lambda, positions);
    }
}
