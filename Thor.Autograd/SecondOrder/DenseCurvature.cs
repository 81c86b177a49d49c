using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>Dense layers. All leading axes of the input but the first are positions.</summary>
/// <remarks>
/// A = X^T X / N, G = D^T D / N, for X (N, inputs) and D = c dout (N, outputs). <see cref="WeightSharing.Expand"/>: N counts samples and
/// positions; preconditioning takes A kron G for the curvature without the factor T, as published. <see cref="WeightSharing.Reduce"/>: N
/// counts samples, X is the mean over positions and D the sum.
/// </remarks>
public sealed class DenseCurvature : MatrixCurvature
{
    internal DenseCurvature(string name, ICurvatureLayer layer, KroneckerOptions options)
        : base(name, layer, 1, options)
    {
    }

    /// <inheritdoc/>
    private protected override long Rows(in Observation observation) =>
        IsReduced ? observation.Samples : observation.Input.Length / observation.Input.Shape[-1];

    /// <inheritdoc/>
    private protected override void GatherInput(in Observation observation, double weight, double keep)
    {
        Tensor x = InputRows(observation);
        double rows = x.Shape[0];
        x = IsHomogeneous ? WithOnes(x) : x;
        x.Device.Backend.TileCovariance(x, Options.TileSize, weight / rows, keep, InputFactor(0).Fresh);
    }

    /// <inheritdoc/>
    private protected override void GatherOutput(in Observation observation, double weight, double keep)
    {
        Tensor d = OutputRows(observation);
        d.Device.Backend.TileCovariance(d, Options.TileSize, weight * observation.Scale * observation.Scale / d.Shape[0], keep, OutputFactor(0).Fresh);
    }

    /// <inheritdoc/>
    private protected override void AddInputSquares(in Observation observation, Tensor squares) => AddSquares(InputRows(observation), squares, 0);

    /// <inheritdoc/>
    private protected override void AddOutputSquares(in Observation observation, Tensor squares) =>
        AddSquares(OutputRows(observation), squares, 1, observation.Scale * observation.Scale);

    /// <inheritdoc/>
    private protected override void AddInputProducts(in Observation observation, Tensor vectors, Tensor products)
    {
        Tensor x = InputRows(observation);
        AddProducts(IsHomogeneous ? WithOnes(x) : x, vectors, products);
    }

    /// <inheritdoc/>
    private protected override void AddOutputProducts(in Observation observation, Tensor vectors, Tensor products) =>
        AddProducts(OutputRows(observation), vectors, products, observation.Scale * observation.Scale);

    private Tensor InputRows(in Observation observation)
    {
        Tensor x = observation.Input;
        return IsReduced ? BySample(x).Mean(1) : x.Reshape(-1, x.Shape[-1]);
    }

    private Tensor OutputRows(in Observation observation)
    {
        Tensor d = observation.Gradient;
        return IsReduced ? BySample(d).Sum(1) : d.Reshape(-1, d.Shape[-1]);
    }

    /// <summary>(samples, positions, width).</summary>
    private static Tensor BySample(Tensor tensor) => tensor.Reshape(tensor.Shape[0], -1, tensor.Shape[-1]);
}
