namespace Thor.Kernels.Kernels;

/// <summary>
/// How an element-wise kernel is compiled. Lanes of a GPU do not care how operands step; a processor's loop becomes vector code only if
/// it is compiled for what its operands are.
/// </summary>
internal static class RowForm
{
    /// <summary>Threads of a GPU's group.</summary>
    public const int GroupSize = 256;

    /// <summary>Threads side by side along rows and columns, four columns each, any steps.</summary>
    public const int Beside = 0;

    /// <summary>Threads side by side over a dense result, four neighbours each, which are one vector.</summary>
    public const int Flat = 1;

    /// <summary>A processor's thread, any steps.</summary>
    public const int Strided = 2;

    /// <summary>
    /// A processor's thread with a dense result: this, plus the kind of the first operand, plus 4 times that of the second, 16 times that
    /// of the third.
    /// </summary>
    public const int Dense = 3;

    /// <summary>For kernels: kind of an operand (0, 1, 2) in a dense form.</summary>
    public static int Kind(int form, int operand) => ((form - Dense) >> (2 * operand)) & 3;
}
