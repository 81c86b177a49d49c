namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of a <see cref="ShampooPreconditioner"/>.</summary>
public sealed record ShampooOptions : GramOptions
{
    /// <summary>Added to the diagonal of a tile before its root is taken, as a share of the tile's Frobenius norm, see <see cref="InverseRoot"/>.</summary>
    public double Epsilon { get; init; } = 1e-4;

    /// <summary>Each matrix's direction takes the norm of its gradient, so that learning rates are those of gradient descent (Agarwal et al. 2020).</summary>
    public bool Grafting { get; init; } = true;
}
