namespace Thor.Kernels.Kernels;

/// <summary>What an operand is to a thread that computes four neighbours of a dense result.</summary>
internal static class FlatKind
{
    /// <summary>As dense as the result, and at the same places.</summary>
    public const int Same = 0;

    /// <summary>A number, the same everywhere.</summary>
    public const int Number = 1;

    /// <summary>Elsewhere, dense along its row, where four neighbours are one vector.</summary>
    public const int Vector = 2;

    /// <summary>One element for a row.</summary>
    public const int Repeated = 3;
}
