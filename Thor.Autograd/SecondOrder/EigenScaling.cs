using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// A layer's gradient in the eigenvectors of its factors, and the curvature along each: T s d, or with EKFAC a moving average of squared gradients that
/// begins there at every refresh.
/// </summary>
internal sealed class EigenScaling : IDisposable
{
    /// <param name="rows">Outputs of all groups.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="like">Element type and device.</param>
    public EigenScaling(int rows, int columns, Tensor like)
    {
        Moments = Tensor.Zeros([rows, columns], like.DType, like.Device).Persist();
        Projected = Tensor.Zeros([rows, columns], like.DType, like.Device).Persist();
    }

    /// <summary>The curvature along each pair of eigenvectors.</summary>
    public Tensor Moments { get; }

    /// <summary>The gradient in their basis; after <see cref="Apply"/> the direction.</summary>
    public Tensor Projected { get; }

    /// <summary>Sets the curvature of some rows to T s d. Eigenvalues that rounding has made negative count as zero.</summary>
    /// <param name="first">First row.</param>
    /// <param name="rows">s, one for each row.</param>
    /// <param name="columns">d, one for each column.</param>
    /// <param name="positions">T.</param>
    public void Reset(int first, Tensor rows, Tensor columns, double positions)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor s = Tensor.Map(BinaryOperation.Maximum, rows, 0).MapInPlace(BinaryOperation.Multiply, positions);
        Tensor d = Tensor.Map(BinaryOperation.Maximum, columns, 0);
        Moments.Slice(0, first, rows.Shape[0]).CopyFrom(s.Unsqueeze(1) * d.Unsqueeze(0));
    }

    /// <summary>Divides the projected gradient by curvature plus damping.</summary>
    /// <param name="lambda">Damping.</param>
    /// <param name="decay">Null to leave the curvature; else first curvature = decay * curvature + (1 - decay) * B * gradient^2.</param>
    /// <param name="batchSize">B: a mean gradient's square, times B, estimates the mean square of gradients that are mostly noise.</param>
    public void Apply(double lambda, double? decay, int batchSize)
    {
        using TensorScope scope = TensorScope.Begin();
        if (decay is double share)
        {
            // A gradient that is not finite leaves no trace: its step is left out, and the average goes on.
            Tensor squares = Projected * Projected;
            Moments.CopyFrom(Tensor.Where(squares.Map(UnaryOperation.IsFinite), (Moments * share) + (squares * ((1 - share) * batchSize)), Moments));
        }

        Projected.MapInPlace(BinaryOperation.Divide, Moments + lambda);
    }

    public void Dispose()
    {
        Moments.Dispose();
        Projected.Dispose();
    }
}
