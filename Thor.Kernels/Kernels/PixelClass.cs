namespace Thor.Kernels.Kernels;

/// <summary>
/// Along one axis, the pixels of an image that the same taps of a strided filter reach: their distance from the padded edge leaves the same
/// rest when divided by the stride.
/// </summary>
internal struct PixelClass
{
    /// <summary>The first of them; the others follow at the stride.</summary>
    public int FirstPixel;

    /// <summary>How many there are.</summary>
    public int Pixels;

    /// <summary>The first tap that reaches them.</summary>
    public int FirstTap;

    /// <summary>From one tap to the next.</summary>
    public int TapStep;

    /// <summary>How many taps there are.</summary>
    public int Taps;

    /// <summary>The class of a rest.</summary>
    public static PixelClass Of(int rest, int pixels, int taps, int stride, int padding, int dilation)
    {
        // Multiples of the dilation repeat their rests with this period.
        int period = 1;
        while (period * dilation % stride != 0)
        {
            period++;
        }

        int tap = 0;
        while (tap < period && tap * dilation % stride != rest)
        {
            tap++;
        }

        PixelClass result;
        result.FirstPixel = (rest + ((padding + stride - 1) / stride * stride) - padding) % stride;
        result.Pixels = result.FirstPixel < pixels ? ((pixels - 1 - result.FirstPixel) / stride) + 1 : 0;
        result.FirstTap = tap;
        result.TapStep = period;
        result.Taps = tap < period && tap < taps ? ((taps - 1 - tap) / period) + 1 : 0;
        return result;
    }
}
