namespace Thor.Kernels.Host;

/// <summary>When copying an operand costs less than reading it where it is.</summary>
internal static class GemmTuning
{
    /// <summary>Whether to pack a, which is read once per sliver of n.</summary>
    public static bool PacksA(int n, long rowBytes, long stepBytes) => n > 256 || (n > 32 && stepBytes >= 512 && rowBytes < stepBytes);

    /// <summary>Whether to pack b, whose columns are neighbours and which is read once per strip of m.</summary>
    public static bool PacksB(int m) => m > 64;
}
