using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>Sizes of (batch, channels, plane), as kernels take them.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct BatchNormShape
{
    /// <summary>Channels.</summary>
    public int Channels;

    /// <summary>Elements of a plane.</summary>
    public int Plane;

    /// <summary>Elements of a channel: batch * plane.</summary>
    public int PerChannel;

    /// <summary>Elements of a channel that go into one partial sum.</summary>
    public int SegmentLength;

    /// <summary>Divides by the plane.</summary>
    public Divisor ByPlane;

    /// <summary>Divides by the channels.</summary>
    public Divisor ByChannels;

    /// <summary>1 / PerChannel.</summary>
    public FloatPair Reciprocal;

    /// <summary>The sizes of a batch.</summary>
    public static BatchNormShape Of(int batch, int channels, int plane, int segmentLength) => new()
    {
        Channels = channels,
        Plane = plane,
        PerChannel = checked(batch * plane),
        SegmentLength = segmentLength,
        ByPlane = Divisor.Of(plane),
        ByChannels = Divisor.Of(channels),
        Reciprocal = FloatPair.Of(1.0 / Math.Max(1, (long)batch * plane)),
    };
}
