namespace Thor.Autograd.SecondOrder;

/// <summary>Settings of the preconditioners that are made of the gradients' own Gram matrices, <see cref="ShampooPreconditioner"/> and <see cref="SoapPreconditioner"/>.</summary>
public record GramOptions
{
    /// <summary>Rows and columns of the diagonal tiles that Gram matrices are cut into; <see cref="KroneckerOptions.Whole"/> for whole ones.</summary>
    public int TileSize { get; init; } = 128;

    /// <summary>When roots or eigenvectors are computed afresh; the Gram matrices themselves see every gradient.</summary>
    public RefreshSchedule Refresh { get; init; } = RefreshSchedule.Default;

    /// <summary>1: Gram matrices are sums over all gradients. Below 1: the decay of their moving average, corrected for its start.</summary>
    public double StatisticsDecay { get; init; } = 0.95;

    /// <summary>Matrices that are treated as other parameters are: names of parameters, with * for any characters and ? for one.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];
}
