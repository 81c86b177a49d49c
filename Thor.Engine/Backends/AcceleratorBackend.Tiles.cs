using System.Buffers;
using Thor.Kernels;
using Thor.Kernels.Dialect;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>The primitives of THOR and its relatives.</content>
internal sealed partial class AcceleratorBackend
{
    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.Covariance(x, tileSize, tiles);
        TileCovarianceLaunch.Accumulate(
            Stream, Reach<float>(x), x.Strides[0], x.Shape[0], x.Shape[1], tileSize, scale, decay, View<float>(tiles));
    }

    public override void TilePatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.PatchCovariance(images, kernelY, kernelX, geometry, group, tileSize, tiles);
        TilePatches patches = new(
            images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3], kernelY, kernelX, geometry, group);
        TileCovarianceLaunch.Accumulate(Stream, View<float>(images), patches, tileSize, scale, decay, View<float>(tiles));
    }

    public override void TileInverse(
        Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status, TileRetry retry = default, Tensor? damping = null)
    {
        TileChecks.Inverse(source, destination, slots, status, retry, damping);
        ArrayView<float> used = damping is null ? ArrayView<float>.Empty : View<float>(damping);
        TileInverseLaunch.Invert(Stream, View<float>(source), View<float>(destination), slots, View<int>(status), retry: retry, damping: used);
    }

    public override void TileEigen(Tensor source, Tensor vectors, Tensor values, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        TileChecks.Eigen(source, vectors, values, slots, status);
        TileEigenLaunch.Decompose(Stream, View<float>(source), View<float>(vectors), View<float>(values), slots, View<int>(status));
    }

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null)
    {
        TileChecks.Precondition(products, innerProducts);
        TilePreconditionLayerViews[] layers = ArrayPool<TilePreconditionLayerViews>.Shared.Rent(products.Length);
        for (int i = 0; i < products.Length; i++)
        {
            TileProduct product = products[i];
            layers[i] = new TilePreconditionLayerViews(
                View<float>(product.OutputInverse),
                View<float>(product.InputInverse),
                View<float>(product.Gradient),
                View<float>(product.Result),
                product.Gradient.Shape[0],
                product.Gradient.Shape[1],
                product.TileSize,
                (float)product.Scale);
        }

        TilePreconditionLaunch.Apply(
            Stream, layers.AsSpan(0, products.Length), innerProducts is null ? ArrayView<float>.Empty : View<float>(innerProducts));
        ArrayPool<TilePreconditionLayerViews>.Shared.Return(layers, clearArray: true);
    }
}
