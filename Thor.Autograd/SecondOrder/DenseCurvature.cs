using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>Dense layers. All leading axes of the input but the first are positions, and every position is a row ("expand").</summary>
/// <remarks>A = X^T X / N, G = dout^T dout B^2 / N, for X (N, inputs) and dout (N, outputs).</remarks>
public sealed class DenseCurvature : MatrixCurvature
{
    internal DenseCurvature(string name, ICurvatureLayer layer, KroneckerOptions options)
        : base(name, layer, 1, options)
    {
    }

    /// <inheritdoc/>
    private protected override long Rows(Tensor input, Tensor gradient) => input.Length / input.Shape[-1];

    /// <inheritdoc/>
    private protected override void Accumulate(Tensor input, Tensor gradient, double weight, double keep)
    {
        Tensor x = input.Reshape(-1, input.Shape[-1]);
        Tensor d = gradient.Reshape(-1, gradient.Shape[-1]);
        double rows = x.Shape[0];
        if (IsHomogeneous)
        {
            x = Tensor.Concatenate([x, Tensor.Ones([x.Shape[0], 1], x.DType, x.Device)], 1);
        }

        x.Device.Backend.TileCovariance(x, Options.TileSize, weight / rows, keep, Factors[0].Fresh);
        d.Device.Backend.TileCovariance(d, Options.TileSize, weight * BatchSize * BatchSize / rows, keep, Factors[1].Fresh);
    }
    /// <inheritdoc/>
    private protected override void AddSquares(Tensor input, Tensor gradient, Tensor squares)
    {
        AddSquares(input, squares, 0);
        AddSquares(gradient, squares, 1, (double)BatchSize * BatchSize);
    }
}
