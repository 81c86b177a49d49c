namespace Thor.Kernels.Kernels;

/// <summary>What an operand of an element-wise kernel is along a row, where a processor's loops are compiled for it.</summary>
internal static class OperandKind
{
    /// <summary>One element per column, neighbours in memory.</summary>
    public const int Dense = 0;

    /// <summary>One element for the whole row.</summary>
    public const int Repeated = 1;

    /// <summary>A number, the same everywhere.</summary>
    public const int Number = 2;

    /// <summary>The result's own elements before.</summary>
    public const int Result = 3;
}
