using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Primitives whose kernels are still to come.</content>
internal sealed partial class AcceleratorBackend
{
    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TilePatchCovariance(Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null) => throw new NotSupportedException();
}
