using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Placeholder, replaced family by family.</content>
internal sealed unsafe partial class HostBackend
{
    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles) => throw new NotImplementedException();

    public override void TilePatchCovariance(Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles) => throw new NotImplementedException();

    public override void TileInverse(Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Span<int> status) => throw new NotImplementedException();

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null) => throw new NotImplementedException();
}
