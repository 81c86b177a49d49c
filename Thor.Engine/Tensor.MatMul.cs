namespace Thor.Engine;

/// <content>Matrix products.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The matrix product (..., m, k) x (..., k, n) = (..., m, n), for every matrix of the batch; batch axes broadcast.
    /// A vector on the left counts as one row, on the right as one column, and that axis is dropped from the result.
    /// </summary>
    /// <param name="other">The right factor.</param>
    /// <param name="bias">(n), added to every row; null for none.</param>
    /// <remarks>Transposed and sliced views cost no copy. Sums are of the element type.</remarks>
    /// <exception cref="ShapeException">A factor is a scalar, sizes do not fit, element types differ or are Int32, or devices differ.</exception>
    public Tensor MatMul(Tensor other, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank == 0 || other.Rank == 0)
        {
            ShapeException.Throw("MatMul", $"a factor has no axes, {Shape} x {other.Shape}; multiply by a scalar with *");
        }

        Tensor left = Rank == 1 ? Unsqueeze(0) : this;
        Tensor right = other.Rank == 1 ? other.Unsqueeze(1) : other;
        RequireProduct("MatMul", this, other, left, right);
        int n = right.Shape[-1];
        if (bias is not null)
        {
            RequireFloatingAlike("MatMul", this, bias);
            if (bias.Rank != 1 || bias.Shape[0] != n)
            {
                ShapeException.Throw("MatMul", $"the bias must be [{n}], {Shape} x {other.Shape} + {bias.Shape}");
            }
        }

        Shape batch = Shape.Broadcast(Leading(left.Shape), Leading(right.Shape), "MatMul");
        int m = left.Shape[-2];
        Tensor product = EmptyLike(Matrices(batch, m, n));
        Backend.MatMul(
            left.BroadcastTo(Matrices(batch, m, left.Shape[-1])),
            right.BroadcastTo(Matrices(batch, right.Shape[-2], n)),
            product,
            bias: bias?.Contiguous());

        Tensor result = Rank == 1 ? product.Squeeze(-2) : product;
        return other.Rank == 1 ? result.Squeeze(-1) : result;
    }

    /// <summary>c = alpha a b + beta c in place, for every matrix of the batch.</summary>
    /// <param name="a">(..., m, k), any strides; batch axes broadcast to those of c.</param>
    /// <param name="b">(..., k, n), any strides; batch axes broadcast to those of c.</param>
    /// <param name="c">(..., m, n), contiguous; must not share elements with a or b.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="beta">Factor of the old c; with 0 the old c is not read, so it may hold anything.</param>
    /// <exception cref="ShapeException">Sizes do not fit, c is not contiguous, element types differ or are Int32, or devices differ.</exception>
    public static void MatMulInto(Tensor a, Tensor b, Tensor c, double alpha = 1, double beta = 0)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(c);
        if (a.Rank < 2 || b.Rank < 2 || c.Rank < 2)
        {
            ShapeException.Throw("MatMulInto", $"matrices are needed, {a.Shape} x {b.Shape} into {c.Shape}");
        }

        RequireProduct("MatMulInto", a, b, a, b);
        RequireFloatingAlike("MatMulInto", a, c);
        Shape batch = Leading(c.Shape);
        if (c.Shape != Matrices(batch, a.Shape[-2], b.Shape[-1])
            || Shape.Broadcast(Shape.Broadcast(Leading(a.Shape), Leading(b.Shape), "MatMulInto"), batch, "MatMulInto") != batch)
        {
            ShapeException.Throw("MatMulInto", $"the result does not fit, {a.Shape} x {b.Shape} into {c.Shape}");
        }

        if (!c.IsContiguous)
        {
            ShapeException.Throw("MatMulInto", $"the result {c.Shape} must be contiguous");
        }

        a.Backend.MatMul(
            a.BroadcastTo(Matrices(batch, a.Shape[-2], a.Shape[-1])), b.BroadcastTo(Matrices(batch, b.Shape[-2], b.Shape[-1])), c, alpha, beta);
    }

    private static void RequireProduct(string operation, Tensor a, Tensor b, Tensor left, Tensor right)
    {
        RequireFloatingAlike(operation, a, b);
        if (left.Shape[-1] != right.Shape[-2])
        {
            ShapeException.Throw(operation, $"inner sizes differ, {a.Shape} x {b.Shape}");
        }
    }

    private static Shape Leading(Shape shape) => new(shape.Extents[..^2]);

    private static Shape Matrices(Shape batch, int rows, int columns) => new([.. batch.Extents, rows, columns]);
}
