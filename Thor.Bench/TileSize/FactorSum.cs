using Thor.Autograd.SecondOrder;
using Thor.Engine;

namespace Thor.Bench.TileSize;

/// <summary>Sums of outer products of rows, which become one factor.</summary>
internal sealed class FactorSum : IDisposable
{
    private readonly string _name;
    private readonly Tensor _sum;
    private long _rows;

    /// <param name="name">Name of the factor.</param>
    /// <param name="dimension">Rows and columns.</param>
    public FactorSum(string name, int dimension)
    {
        _name = name;
        _sum = Tensor.Zeros([dimension, dimension]).Persist();
    }

    /// <summary>Adds X^T X.</summary>
    /// <param name="rows">X, (rows, dimension), Float32 on the host.</param>
    public void Add(Tensor rows)
    {
        Tensor.MatMulInto(rows.Transpose(), rows, _sum, alpha: 1, beta: 1);
        _rows += rows.Shape[0];
    }

    /// <summary>The mean over rows, with the damping that goes with it.</summary>
    /// <param name="scale">Factor of the mean.</param>
    /// <param name="lambda">Damping of the product of both factors.</param>
    /// <param name="positions">Output positions of a convolution, else 1.</param>
    public WholeFactor Finish(double scale, double lambda, double positions)
    {
        float[] sums = _sum.ToArray<float>();
        double weight = scale / Math.Max(1, _rows);
        return new WholeFactor(_name, _sum.Shape[0], [.. sums.Select(value => value * weight)], Damping.Plain(lambda, positions).Input);
    }

    public void Dispose() => _sum.Dispose();
}
