using Thor.Engine;

namespace Thor.Autograd;

/// <content>The matrix product.</content>
public partial class Variable
{
    /// <summary>
    /// The product of (..., m, k) and (..., k, n), plus a bias (n) on every row. Leading axes broadcast; a vector counts as a row on
    /// the left and as a column on the right. Transposed operands cost nothing, and their gradients are computed in the layout
    /// that they have: a dense layer is <c>x.MatMul(W.Transpose(), b)</c>.
    /// </summary>
    /// <exception cref="ShapeException">The inner sizes or the leading axes do not fit.</exception>
    public Variable MatMul(Variable other, Variable? bias = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Shape.Rank == 1 && other.Shape.Rank >= 1)
        {
            return Unsqueeze(0).MatMul(other, bias).Squeeze(other.Shape.Rank == 1 ? 0 : -2);
        }

        if (other.Shape.Rank == 1 && Shape.Rank >= 2)
        {
            return MatMul(other.Unsqueeze(1), bias).Squeeze(-1);
        }

        if (Shape.Rank > 2 && other.Shape.Rank == 2)
        {
            // One product over all rows instead of one per batch, here and in the gradient of the right operand.
            Shape result = Shape.With(-1, other.Shape[1]);
            return Rows().MatMul(other, bias).Reshape(result);
        }

        Tensor value = Value.MatMul(other.Value, bias?.Value);
        Variable[] operands = bias is null ? [this, other] : [this, other, bias];
        return Node.Record("MatMul", value, operands, (g, needed) =>
        [
            needed[0] ? Product(g, other.Transpose(), IsTransposed(Value)).SumTo(Shape) : null,
            needed[1] ? Product(Transpose(), g, IsTransposed(other.Value)).SumTo(other.Shape) : null,
            .. bias is null ? ReadOnlySpan<Variable?>.Empty : [needed[2] ? g.SumTo(bias.Shape) : null],
        ]);
    }

    /// <summary>(rows, columns), whatever the number of leading axes.</summary>
    private Variable Rows()
    {
        long rows = new Shape(Shape.Extents[..^1]).Length;
        return Reshape(checked((int)rows), Shape[-1]);
    }

    /// <summary>a b, written row by row or column by column.</summary>
    private static Variable Product(Variable a, Variable b, bool byColumns) =>
        byColumns ? b.Transpose().MatMul(a.Transpose()).Transpose() : a.MatMul(b);

    /// <summary>True for a matrix whose columns are dense, such as a transposed view.</summary>
    private static bool IsTransposed(Tensor matrix) =>
        !matrix.IsContiguous && matrix.Strides[^2] == 1;
}
