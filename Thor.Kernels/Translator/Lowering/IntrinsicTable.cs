using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <summary>Methods that the translator replaces, by name.</summary>
internal static class IntrinsicTable
{
    private static readonly Dictionary<string, Intrinsic> s_math = new()
    {
        ["Abs"] = Intrinsic.Abs,
        ["Max"] = Intrinsic.Max,
        ["Min"] = Intrinsic.Min,
        ["Clamp"] = Intrinsic.Clamp,
        ["Sqrt"] = Intrinsic.Sqrt,
        ["Floor"] = Intrinsic.Floor,
        ["Ceiling"] = Intrinsic.Ceiling,
        ["Truncate"] = Intrinsic.Truncate,
        ["Round"] = Intrinsic.Round,
        ["CopySign"] = Intrinsic.CopySign,
        ["FusedMultiplyAdd"] = Intrinsic.FusedMultiplyAdd,
        ["IsNaN"] = Intrinsic.IsNaN,
        ["IsFinite"] = Intrinsic.IsFinite,
        ["IsInfinity"] = Intrinsic.IsInfinity,
        ["IsNegative"] = Intrinsic.IsNegative,
        ["Exp"] = Intrinsic.Exp,
        ["Log"] = Intrinsic.Log,
        ["Log2"] = Intrinsic.Log2,
        ["Log10"] = Intrinsic.Log10,
        ["Sin"] = Intrinsic.Sin,
        ["Cos"] = Intrinsic.Cos,
        ["Tan"] = Intrinsic.Tan,
        ["Asin"] = Intrinsic.Asin,
        ["Acos"] = Intrinsic.Acos,
        ["Atan"] = Intrinsic.Atan,
        ["Atan2"] = Intrinsic.Atan2,
        ["Sinh"] = Intrinsic.Sinh,
        ["Cosh"] = Intrinsic.Cosh,
        ["Tanh"] = Intrinsic.Tanh,
        ["Cbrt"] = Intrinsic.Cbrt,
        ["Pow"] = Intrinsic.Pow,
        ["LeadingZeroCount"] = Intrinsic.LeadingZeroCount,
        ["TrailingZeroCount"] = Intrinsic.TrailingZeroCount,
        ["PopCount"] = Intrinsic.PopCount,
        ["RotateLeft"] = Intrinsic.RotateLeft,
        ["RotateRight"] = Intrinsic.RotateRight,
    };

    private static readonly Dictionary<string, Intrinsic> s_named = new()
    {
        ["System.BitConverter.SingleToInt32Bits"] = Intrinsic.FloatToBits,
        ["System.BitConverter.SingleToUInt32Bits"] = Intrinsic.FloatToBits,
        ["System.BitConverter.Int32BitsToSingle"] = Intrinsic.BitsToFloat,
        ["System.BitConverter.UInt32BitsToSingle"] = Intrinsic.BitsToFloat,
        ["Thor.Kernels.Dialect.Interop.FloatAsInt"] = Intrinsic.FloatToBits,
        ["Thor.Kernels.Dialect.Interop.IntAsFloat"] = Intrinsic.BitsToFloat,
        ["Thor.Kernels.Dialect.Warp.Shuffle"] = Intrinsic.Shuffle,
        ["Thor.Kernels.Dialect.Warp.ShuffleDown"] = Intrinsic.ShuffleDown,
        ["Thor.Kernels.Dialect.Warp.ShuffleUp"] = Intrinsic.ShuffleUp,
        ["Thor.Kernels.Dialect.Warp.ShuffleXor"] = Intrinsic.ShuffleXor,
        ["Thor.Kernels.Dialect.Atomic.Add"] = Intrinsic.AtomicAdd,
        ["Thor.Kernels.Dialect.Atomic.Max"] = Intrinsic.AtomicMax,
        ["Thor.Kernels.Dialect.Atomic.Min"] = Intrinsic.AtomicMin,
        ["Thor.Kernels.Dialect.Atomic.Exchange"] = Intrinsic.AtomicExchange,
        ["Thor.Kernels.Dialect.Atomic.CompareExchange"] = Intrinsic.AtomicCompareExchange,
    };

    /// <summary>The intrinsic that a static method is, or null.</summary>
    public static Intrinsic? Find(IMethodSymbol method)
    {
        if (s_named.TryGetValue(method.FullName(), out Intrinsic named))
        {
            return named;
        }

        string? type = method.ContainingType is INamedTypeSymbol container
            ? container.ContainingNamespace?.ToDisplayString() + "." + container.Name
            : null;
        bool isMath = type is "Thor.Kernels.Dialect.XMath" or "System.MathF" or "System.Math" or "System.Numerics.BitOperations"
            || (method.ContainingType is ITypeSymbol number && number.ContainingNamespace?.Name == "System" && TypeMap.Scalar(number) is { Kind: not ScalarKind.Bool });
        return isMath && s_math.TryGetValue(method.Name, out Intrinsic math) && Takes(math, method) ? math : null;
    }

    public static bool IsShuffle(Intrinsic intrinsic) =>
        intrinsic is Intrinsic.Shuffle or Intrinsic.ShuffleDown or Intrinsic.ShuffleUp or Intrinsic.ShuffleXor;

    public static bool IsAtomic(Intrinsic intrinsic) => intrinsic >= Intrinsic.AtomicAdd;

    // Overloads with a rounding mode, a base and the like mean something else.
    private static bool Takes(Intrinsic intrinsic, IMethodSymbol method)
    {
        int count = intrinsic switch
        {
            Intrinsic.Max or Intrinsic.Min or Intrinsic.CopySign or Intrinsic.Atan2 or Intrinsic.Pow or Intrinsic.RotateLeft or Intrinsic.RotateRight => 2,
            Intrinsic.Clamp or Intrinsic.FusedMultiplyAdd => 3,
            _ => 1,
        };
        if (method.Parameters.Length != count)
        {
            return false;
        }

        // Functions of floats alone; Math.Abs(int) and the like serve integers too. Bits are counted in words of 32 and 64.
        bool isFloat = method.Parameters[0].Type.SpecialType == SpecialType.System_Single;
        if (intrinsic is >= Intrinsic.LeadingZeroCount and <= Intrinsic.RotateRight && TypeMap.Scalar(method.Parameters[0].Type) is not { Size: >= 4 })
        {
            return false;
        }

        return isFloat
            ? intrinsic < Intrinsic.LeadingZeroCount
            : intrinsic is Intrinsic.Abs or Intrinsic.Max or Intrinsic.Min or Intrinsic.Clamp or Intrinsic.LeadingZeroCount
                or Intrinsic.TrailingZeroCount or Intrinsic.PopCount or Intrinsic.RotateLeft or Intrinsic.RotateRight;
    }
}
