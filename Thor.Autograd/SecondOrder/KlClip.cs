namespace Thor.Autograd.SecondOrder;

/// <summary>The bound on how far the model's predictions move in one step (Osawa et al. 2019; Pauloski et al. 2020).</summary>
public static class KlClip
{
    /// <summary>nu = min(1, sqrt(bound / (learningRate^2 |v . g|))): what preconditioned gradients v are multiplied by.</summary>
    /// <param name="bound">k.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="innerProduct">v . g over all preconditioned layers; where it is not finite nothing is clipped, so that the fault stays visible.</param>
    public static double Factor(double bound, double learningRate, double innerProduct)
    {
        double moved = learningRate * learningRate * Math.Abs(innerProduct);
        return moved > bound && double.IsFinite(moved) ? Math.Sqrt(bound / moved) : 1;
    }
}
