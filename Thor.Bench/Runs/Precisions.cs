using Thor.Kernels;

namespace Thor.Bench.Runs;

/// <summary>Names of precisions on the command line.</summary>
internal static class Precisions
{
    /// <summary>All names.</summary>
    public static string Names { get; } = string.Join(", ", Enum.GetValues<MatMulPrecision>().Select(Name));

    /// <summary>The name of a precision.</summary>
    public static string Name(MatMulPrecision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>How far a product of two numbers may be from the exact one, relative to it: what <see cref="MatMulPrecision"/> says.</summary>
    public static double ProductError(MatMulPrecision precision) => precision switch
    {
        MatMulPrecision.TensorFloat32 => 1.3 / (1 << 10),
        MatMulPrecision.BFloat16 => 1.0 / (1 << 7),
        _ => 0,
    };

    /// <summary>The precision of a name.</summary>
    /// <param name="option">The option that gives it, for the message.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static MatMulPrecision Parse(string option, string name) =>
        Enum.TryParse(name, ignoreCase: true, out MatMulPrecision precision) && Enum.IsDefined(precision)
            ? precision
            : throw new UsageException($"{option} must be one of {Names}, not '{name}'.");
}
