using System.Globalization;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>
/// Damped inverses of covariances of half as many samples as dimensions, singular but for the damping, by LAPACK's measure: |I - A X| / (n |A| |X| u) in
/// the 1-norm (xPOT03, evaluated in double precision). LAPACK accepts 30; a correct single-precision inverse stays far below 1.
/// </summary>
/// <param name="Dimension">n.</param>
internal sealed record TileInverseCheck(int Dimension)
    : Check(string.Create(CultureInfo.InvariantCulture, $"TileInverse, dimension {Dimension}"))
{
    private const int Batch = 5;
    private const double Damping = 0.01;
    private const double Bound = 0.25;
    private const double Roundoff = 1.0 / (1 << 24);

    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        Tensor x = new RandomStream(9).Normal([Batch, Math.Max(1, Dimension / 2), Dimension]);
        Tensor tiles = x.Transpose().MatMul(x) / x.Shape[1];
        (Tensor inverses, int[] status) = Tiles.Invert(tiles.To(device), Damping);
        if (status.Any(static s => s != 0))
        {
            return new CheckResult(Name, null, Bound, false, $"status {string.Join(", ", status)}");
        }

        Tensor identity = Identity();
        Tensor damped = (tiles + (identity.Cast(DType.Float32) * Damping)).Cast(DType.Float64); // damping is added in single precision
        Tensor inverse = inverses.To(Device.Host).Cast(DType.Float64);
        double worst = 0;
        for (int tile = 0; tile < Batch; tile++)
        {
            Tensor a = damped.Select(0, tile);
            Tensor result = inverse.Select(0, tile);
            double residual = Norm(identity - a.MatMul(result)) / (Dimension * Norm(a) * Norm(result) * Roundoff);
            double asymmetry = (result - result.Transpose()).Map(UnaryOperation.Absolute).Max().Item();
            worst = Math.Max(worst, asymmetry == 0 ? residual : double.PositiveInfinity);
        }

        return CheckResult.Of(Name, worst, Bound);
    }

    private Tensor Identity()
    {
        Tensor identity = Tensor.Zeros([Dimension, Dimension], DType.Float64);
        identity.Reshape(-1).Slice(0, 0, Dimension, Dimension + 1).Fill(1);
        return identity;
    }

    private static double Norm(Tensor matrix) => matrix.Map(UnaryOperation.Absolute).Sum(0).Max().Item();
}
