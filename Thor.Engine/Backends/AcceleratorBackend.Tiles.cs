using System.Buffers;
using Thor.Kernels;
using Thor.Kernels.Dialect;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Engine.Backends;

/// <content>The primitives of THOR and its relatives.</content>
internal sealed partial class AcceleratorBackend
{
    // Locked from the table to what reads it: another thread's call may replace it.
    private readonly DeviceTable _inverted = new();
    private readonly DeviceTable _preconditioned = new();

    /// <summary>Work on a second queue brings tables of its own: that it is done with a kept one, this queue would not know.</summary>
    private DeviceTable? Kept(DeviceTable table) => t_aside == this ? null : table;

    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.Covariance(x, tileSize, tiles);
        tileSize = TileLayout.Size(x.Shape[1], tileSize);
        if (LargeTiles.Has(x.Shape[1], tileSize))
        {
            LargeTiles.Covariance(x, tileSize, scale, decay, tiles);
            return;
        }

        TileCovarianceLaunch.Accumulate(
            Stream, Reach<float>(x), x.Strides[0], x.Shape[0], x.Shape[1], tileSize, scale, decay, View<float>(tiles), precision: CovariancePrecision);
    }

    public override void TilePatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.PatchCovariance(images, kernelY, kernelX, geometry, group, tileSize, tiles);
        int columns = images.Shape[1] / geometry.Groups * kernelY * kernelX;
        tileSize = TileLayout.Size(columns, tileSize);
        if (LargeTiles.Has(columns, tileSize))
        {
            LargeTiles.PatchCovariance(images, kernelY, kernelX, geometry, group, tileSize, scale, decay, tiles);
            return;
        }

        TilePatches patches = new(
            images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3], kernelY, kernelX, geometry, group);
        TileCovarianceLaunch.Accumulate(Stream, View<float>(images), patches, tileSize, scale, decay, View<float>(tiles), precision: CovariancePrecision);
    }

    public override void TileInverse(
        Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status, TileRetry retry = default, Tensor? damping = null)
    {
        TileChecks.Inverse(source, destination, slots, status, retry, damping);
        if (LargeTiles.Has(slots))
        {
            LargeTiles.Inverse(source, destination, slots, status, retry, damping);
            return;
        }

        ArrayView<float> used = damping is null ? ArrayView<float>.Empty : View<float>(damping);
        lock (_inverted)
        {
            TileInverseLaunch.Invert(
                Stream, View<float>(source), View<float>(destination), slots, View<int>(status), retry: retry, damping: used, kept: Kept(_inverted));
        }
    }

    public override void TileEigen(Tensor source, Tensor vectors, Tensor values, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        TileChecks.Eigen(source, vectors, values, slots, status);
        TileEigenLaunch.Decompose(Stream, View<float>(source), View<float>(vectors), View<float>(values), slots, View<int>(status));
    }

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null)
    {
        TileChecks.Precondition(products, innerProducts);
        if (LargeTiles.Has(products))
        {
            LargeTiles.Precondition(this, products, innerProducts);
            return;
        }

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
                TileLayout.Size(Math.Max(product.Gradient.Shape[0], product.Gradient.Shape[1]), product.TileSize),
                (float)product.Scale,
                product.Update?.Step,
                product.Update is TileUpdate update ? View<float>(update.Velocity) : default,
                product.Update?.GradientScale is Tensor scale ? View<float>(scale) : default);
        }

        ArrayView<float> sums = innerProducts is null ? ArrayView<float>.Empty : View<float>(innerProducts);
        lock (_preconditioned)
        {
            TilePreconditionLaunch.Apply(Stream, layers.AsSpan(0, products.Length), sums, Kept(_preconditioned));
        }

        ArrayPool<TilePreconditionLayerViews>.Shared.Return(layers, clearArray: true);
    }
}
