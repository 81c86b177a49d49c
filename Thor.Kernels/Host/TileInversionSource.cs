using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>The tiles that registers are loaded from, and what their elements go through on the way.</summary>
/// <param name="first">The first tile.</param>
/// <param name="second">The second, or the first again.</param>
/// <param name="stride">Elements from row to row.</param>
/// <param name="scale">Factors of both tiles, in turns.</param>
/// <param name="floor">What is smaller becomes 0.</param>
internal readonly unsafe struct TileInversionSource<TLanes, TVector, T>(T* first, T* second, nint stride, TVector scale, TVector floor)
    where TLanes : struct, ITileLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public readonly T* First = first;
    public readonly T* Second = second;
    public readonly nint Stride = stride;
    public readonly TVector Scale = scale;
    public readonly TVector Floor = floor;
}
