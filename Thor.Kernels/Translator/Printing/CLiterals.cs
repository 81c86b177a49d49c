using System;
using System.Globalization;

namespace Thor.Kernels.Translator.Printing;

/// <summary>Numbers as C writes them, in any culture and on any run time.</summary>
internal static class CLiterals
{
    /// <summary>A finite float: the shortest decimal that reads back to the same bits.</summary>
    public static string Float(float value)
    {
        if (Bits(value) == 0x80000000u)
        {
            return "-0.0f";
        }

        string text = string.Empty;
        for (int digits = 1; digits <= 9; digits++)
        {
            text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) == value)
            {
                break;
            }
        }

        text = text.Replace("E", "e").Replace("e+", "e");
        return text.IndexOf('.') < 0 && text.IndexOf('e') < 0 ? text + ".0f" : text + "f";
    }

    public static uint Bits(float value) => BitConverter.ToUInt32(BitConverter.GetBytes(value), 0);

    public static string Hex(uint bits) => "0x" + bits.ToString("x8", CultureInfo.InvariantCulture) + "u";

    public static string Int(int value) => value == int.MinValue ? "(-2147483647 - 1)" : value.ToString(CultureInfo.InvariantCulture);

    public static string UInt(uint value) => value.ToString(CultureInfo.InvariantCulture) + "u";

    public static string Long(long value, string suffix) => value == long.MinValue
        ? "(-9223372036854775807" + suffix + " - 1)"
        : value.ToString(CultureInfo.InvariantCulture) + suffix;

    public static string ULong(ulong value, string suffix) => value.ToString(CultureInfo.InvariantCulture) + "u" + suffix;
}
