namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of a <see cref="SoapPreconditioner"/>.</summary>
public sealed record SoapOptions : GramOptions
{
    /// <summary>Decay of the mean, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.95;

    /// <summary>Decay of the mean square, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Keeps the denominator from zero.</summary>
    public double Epsilon { get; init; } = 1e-8;
}
