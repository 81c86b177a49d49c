namespace Thor.Kernels.Dialect;

/// <summary>The bits of numbers.</summary>
public static class Interop
{
    /// <summary>The bits of a float.</summary>
    public static int FloatAsInt(float value) => BitConverter.SingleToInt32Bits(value);

    /// <summary>The float of some bits.</summary>
    public static float IntAsFloat(int value) => BitConverter.Int32BitsToSingle(value);

    /// <summary>The float of some bits.</summary>
    public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);
}
