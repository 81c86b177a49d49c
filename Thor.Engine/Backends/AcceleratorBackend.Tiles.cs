using Thor.Kernels;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>The three primitives of THOR.</content>
internal sealed partial class AcceleratorBackend
{
    public override void TileInverse(Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        TileChecks.Inverse(source, destination, slots, status);
        TileInverseLaunch.Invert(Stream, View<float>(source), View<float>(destination), slots, View<int>(status));
    }
}
