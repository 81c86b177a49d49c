using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Translator;

/// <summary>Operations whose meaning in C# and in C differ, or could. What a device makes of them is held against the same methods run as C#.</summary>
internal static partial class MeaningKernels
{
    public const int FloatCases = 33;
    public const int ConversionCases = 17;
    public const int IntegerCases = 38;
    public const int LongCases = 20;

    [Kernel(MaxGroupSize = 64)]
    public static void Floats(ReadOnlyView<float> a, ReadOnlyView<float> b, ReadOnlyView<float> c, ArrayView<float> results, int count)
    {
        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            for (int k = 0; k < FloatCases; k++)
            {
                results[(i * FloatCases) + k] = Float(k, a[i], b[i], c[i]);
            }
        }
    }

    [Kernel]
    public static void Conversions(ReadOnlyView<float> a, ArrayView<long> results, int count)
    {
        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            for (int k = 0; k < ConversionCases; k++)
            {
                results[(i * ConversionCases) + k] = Convert(k, a[i]);
            }
        }
    }

    [Kernel]
    public static void Integers(ReadOnlyView<int> a, ReadOnlyView<int> b, ArrayView<int> results, int count)
    {
        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            for (int k = 0; k < IntegerCases; k++)
            {
                results[(i * IntegerCases) + k] = Integer(k, a[i], b[i]);
            }
        }
    }

    [Kernel]
    public static void Longs(ReadOnlyView<long> a, ReadOnlyView<int> b, ArrayView<long> results, int count)
    {
        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            for (int k = 0; k < LongCases; k++)
            {
                results[(i * LongCases) + k] = Long(k, a[i], b[i]);
            }
        }
    }

    public static float Float(int k, float a, float b, float c)
    {
        switch (k)
        {
            case 0: return XMath.Max(a, b);
            case 1: return XMath.Min(a, b);
            case 2: return MathF.Max(b, a);
            case 3: return Math.Min(b, a);
            case 4: return (a * b) + c;
            case 5: return Fused.MultiplyAdd(a, b, c);
            case 6: return MathF.FusedMultiplyAdd(-a, b, c) - (c - (a * b));
            case 7: return XMath.Round(a);
            case 8: return MathF.Floor(a);
            case 9: return MathF.Ceiling(a);
            case 10: return MathF.Truncate(a);
            case 11: return XMath.Sqrt(a);
            case 12: return XMath.Rsqrt(a);
            case 13: return a / b;
            case 14: return XMath.Rcp(a);
            case 15: return XMath.Abs(a);
            case 16: return MathF.CopySign(a, b);
            case 17: return -a;
            case 18: return a - -b;
            case 19: return float.IsNaN(a) ? 1f : 0f;
            case 20: return float.IsFinite(a) ? 1f : 0f;
            case 21: return float.IsInfinity(a) ? 1f : 0f;
            case 22: return float.IsNegative(a) ? 1f : 0f;
            case 23: return a > b ? float.PositiveInfinity : float.NegativeInfinity;
            case 24: return a == b || !(a < b) ? 0.1f : 1e-30f;
            case 25: return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) ^ 1);
            case 26: return Interop.IntAsFloat(BitConverter.SingleToUInt32Bits(b) | 0x400000u);
            case 27: return a is > 1f and < 100f or -1f ? 2f : 3f;
            case 28: return float.Epsilon + float.MaxValue + 3f;
            case 29: return a - b - c;
            case 30: return a - (b - c);
            case 31: return Math.Clamp(a, -2f, 2f);
            default: return float.NaN;
        }
    }

    public static long Convert(int k, float a)
    {
        switch (k)
        {
            case 0: return (int)a;
            case 1: return (uint)a;
            case 2: return (long)a;
            case 3: return (long)(ulong)a;
            case 4: return (byte)a;
            case 5: return (sbyte)a;
            case 6: return (short)a;
            case 7: return (ushort)a;
            case 8: return BitConverter.SingleToInt32Bits((float)(int)a);
            case 9: return BitConverter.SingleToInt32Bits((float)(uint)a);
            case 10: return BitConverter.SingleToInt32Bits((float)(long)a);
            case 11: return (byte)(int)a;
            case 12: return (sbyte)(uint)a;
            case 13: return (int)(long)a;
            case 14: return (uint)(long)a;
            case 15: return (long)(ulong)(uint)(int)a;
            default: return a > 0f ? 1 : (ushort)(a < 0f ? 2 : 3);
        }
    }

    public static int Integer(int k, int a, int b)
    {
        uint u = (uint)a;
        uint v = (uint)b;
        switch (k)
        {
            case 0: return a << b;
            case 1: return a >> b;
            case 2: return a >>> b;
            case 3: return (int)(u >> b);
            case 4: return (int)(u << b);
            case 5: return a << 33;
            case 6: return (int)(u + v);
            case 7: return (int)(u * v);
            case 8: return b == 0 || a == int.MinValue ? 0 : a / b;
            case 9: return b == 0 || a == int.MinValue ? 0 : a % b;
            case 10: return v == 0 ? 0 : (int)(u / v);
            case 11: return v == 0 ? 0 : (int)(u % v);
            case 12: return XMath.Abs(a);
            case 13: return XMath.Max(a, b);
            case 14: return Math.Min(a, b);
            case 15: return (int)Math.Max(u, v);
            case 16: return BitOperations.LeadingZeroCount(u);
            case 17: return BitOperations.TrailingZeroCount(a);
            case 18: return BitOperations.PopCount(u);
            case 19: return (int)BitOperations.RotateLeft(u, b);
            case 20: return (int)BitOperations.RotateRight(u, b);
            case 21: return a < b ? 1 : 0;
            case 22: return u < v ? 1 : 0;
            case 23: return a < u ? 1 : 0;
            case 24: return ~a & (b | 5) ^ (a & 3);
            case 25: return a & (b << 1 | 1);
            case 26: return (byte)(a + b) - (sbyte)a;
            case 27: return -(a >> 1) - -b;
            case 28: return a switch { 0 => 10, 1 or 2 => 20, < 0 and > -100 => 30, _ => b };
            case 29: return (a > b) == (b > 0) ? 1 : 2;
            case 30: return (a > b) ^ (b > 0) ? 1 : 2;
            case 31: return Math.Clamp(a, -7, 7);
            case 32: return a > 0 ? b > 0 ? 1 : 2 : b > 0 ? 3 : 4;
            case 33: return int.MinValue + (a & 1);
            case 34: return ((Sign)(a & 1)) switch { Sign.Minus => -1, _ => 1 };
            case 35: return Steps(a, b);
            case 36: return (int)((uint)a >>> 4);
            default: return !(a > b && b > 3 || a == 7) ? 1 : 0;
        }
    }

    public static long Long(int k, long a, int b)
    {
        ulong u = (ulong)a;
        switch (k)
        {
            case 0: return a << b;
            case 1: return a >> b;
            case 2: return a >>> b;
            case 3: return (long)(u >> b);
            case 4: return a << 65;
            case 5: return (long)(u * 6364136223846793005UL);
            case 6: return (int)a;
            case 7: return (uint)a;
            case 8: return (int)(a >> 32);
            case 9: return Math.BigMul((int)a, b);
            case 10: return BitOperations.LeadingZeroCount(u);
            case 11: return BitOperations.TrailingZeroCount(a);
            case 12: return BitOperations.PopCount(u);
            case 13: return (long)BitOperations.RotateLeft(u, b);
            case 14: return Math.Max(a, b);
            case 15: return BitConverter.SingleToInt32Bits((float)(a >> 8));
            case 16: return long.MinValue + (b & 1);
            case 17: return (uint)b + a;
            case 18: return (a & 0xffffffffL) * 3L;
            default: return a > b ? 1 : -1;
        }
    }

    // Statements that change variables in place.
    private static int Steps(int a, int b)
    {
        int x = a;
        x += b & 15;
        x <<= b;
        x >>>= 3;
        x ^= a;
        byte small = (byte)x;
        small += 200;
        small >>= 1;
        uint hash = 2166136261u;
        int i = 0;
        do
        {
            hash = (hash ^ (uint)small) * 16777619u;
            i++;
            if (i == 3)
            {
                continue;
            }

            if (i > 5)
            {
                break;
            }
        }
        while (i < 10);
        return (int)hash + x;
    }

    internal enum Sign : byte
    {
        Plus,
        Minus,
    }
}
