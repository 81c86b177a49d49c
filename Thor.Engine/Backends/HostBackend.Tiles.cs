using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>The three primitives of THOR.</content>
internal sealed unsafe partial class HostBackend
{
    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.Covariance(x, tileSize, tiles);
        if (x.DType == DType.Float32)
        {
            TileCovariance<float>(x, tileSize, scale, decay, tiles);
        }
        else
        {
            TileCovariance<double>(x, tileSize, scale, decay, tiles);
        }
    }

    public override void TilePatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.PatchCovariance(images, kernelY, kernelX, geometry, group, tileSize, tiles);
        TilePatches patches = new(
            images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3], kernelY, kernelX, geometry, group);
        if (images.DType == DType.Float32)
        {
            Kernels.Host.TilePatchCovariance.Accumulate(
                Pointer<float>(images), patches, tileSize, scale, decay, Pointer<float>(tiles));
        }
        else
        {
            Kernels.Host.TilePatchCovariance.Accumulate(
                Pointer<double>(images), patches, tileSize, scale, decay, Pointer<double>(tiles));
        }
    }

    public override void TileInverse(Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Span<int> status)
    {
        TileChecks.Inverse(source, destination, slots, status);
        if (source.DType == DType.Float32)
        {
            Kernels.Host.TileInverse.Invert(Pointer<float>(source), Pointer<float>(destination), slots, status);
        }
        else
        {
            Kernels.Host.TileInverse.Invert(Pointer<double>(source), Pointer<double>(destination), slots, status);
        }
    }

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null)
    {
        TileChecks.Precondition(products, innerProducts);
        for (int i = 0; i < products.Length; i++)
        {
            ref readonly TileProduct product = ref products[i];
            double sum = product.Gradient.DType == DType.Float32 ? TilePrecondition<float>(product) : TilePrecondition<double>(product);
            if (innerProducts is null)
            {
                continue;
            }

            if (innerProducts.DType == DType.Float32)
            {
                Pointer<float>(innerProducts)[i] = (float)sum;
            }
            else
            {
                Pointer<double>(innerProducts)[i] = sum;
            }
        }
    }

    private static void TileCovariance<T>(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        Kernels.Host.TileCovariance.Accumulate(
            Pointer<T>(x), x.Strides[0], x.Shape[0], x.Shape[1], tileSize, scale, decay, Pointer<T>(tiles));

    private static double TilePrecondition<T>(in TileProduct product)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        Kernels.Host.TilePrecondition.Apply(
            Pointer<T>(product.OutputInverse),
            Pointer<T>(product.InputInverse),
            Pointer<T>(product.Gradient),
            Pointer<T>(product.Result),
            product.Gradient.Shape[0],
            product.Gradient.Shape[1],
            product.TileSize);
}
