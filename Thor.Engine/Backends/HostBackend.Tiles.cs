using System.Buffers;
using System.Numerics;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Engine.Backends;

/// <content>The primitives of THOR and its relatives.</content>
internal sealed unsafe partial class HostBackend
{
    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
    {
        TileChecks.Covariance(x, tileSize, tiles);
        tileSize = TileLayout.Size(x.Shape[1], tileSize);
        if (LargeTiles.Has(x.Shape[1], tileSize))
        {
            LargeTiles.Covariance(x, tileSize, scale, decay, tiles);
            return;
        }

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
        int columns = images.Shape[1] / geometry.Groups * kernelY * kernelX;
        tileSize = TileLayout.Size(columns, tileSize);
        if (LargeTiles.Has(columns, tileSize))
        {
            LargeTiles.PatchCovariance(images, kernelY, kernelX, geometry, group, tileSize, scale, decay, tiles);
            return;
        }

        TilePatches patches = new(
            images.Shape[0], images.Shape[1], images.Shape[2], images.Shape[3], kernelY, kernelX, geometry, group);
        if (images.DType == DType.Float32)
        {
            Kernels.Host.TileCovariance.Accumulate(
                Pointer<float>(images), patches, tileSize, scale, decay, Pointer<float>(tiles));
        }
        else
        {
            Kernels.Host.TileCovariance.Accumulate(
                Pointer<double>(images), patches, tileSize, scale, decay, Pointer<double>(tiles));
        }
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

        Span<int> words = status.AsSpan<int>();
        if (source.DType == DType.Float32)
        {
            float* used = damping is null ? null : Pointer<float>(damping);
            Kernels.Host.TileInverse.Invert(Pointer<float>(source), Pointer<float>(destination), slots, words, retry, used);
        }
        else
        {
            double* used = damping is null ? null : Pointer<double>(damping);
            Kernels.Host.TileInverse.Invert(Pointer<double>(source), Pointer<double>(destination), slots, words, retry, used);
        }
    }

    public override void TileEigen(Tensor source, Tensor vectors, Tensor values, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        TileChecks.Eigen(source, vectors, values, slots, status);
        Span<int> words = status.AsSpan<int>();
        if (source.DType == DType.Float32)
        {
            Kernels.Host.TileEigen.Decompose(Pointer<float>(source), Pointer<float>(vectors), Pointer<float>(values), slots, words);
        }
        else
        {
            Kernels.Host.TileEigen.Decompose(Pointer<double>(source), Pointer<double>(vectors), Pointer<double>(values), slots, words);
        }
    }

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null)
    {
        TileChecks.Precondition(products, innerProducts);
        if (LargeTiles.Has(products))
        {
            LargeTiles.Precondition(this, products, innerProducts);
            return;
        }

        TilePrecondition<float>(products, innerProducts, DType.Float32);
        TilePrecondition<double>(products, innerProducts, DType.Float64);
    }

    private static void TileCovariance<T>(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Kernels.Host.TileCovariance.Accumulate(
            Pointer<T>(x), x.Strides[0], x.Shape[0], x.Shape[1], tileSize, scale, decay, Pointer<T>(tiles));

    /// <summary>All products of one element type in one launch.</summary>
    private static void TilePrecondition<T>(ReadOnlySpan<TileProduct> products, Tensor? innerProducts, DType type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TilePreconditionLayer<T>[] layers = ArrayPool<TilePreconditionLayer<T>>.Shared.Rent(products.Length);
        int count = 0;
        foreach (ref readonly TileProduct product in products)
        {
            if (product.Gradient.DType == type)
            {
                layers[count++] = new TilePreconditionLayer<T>(
                    Pointer<T>(product.OutputInverse),
                    Pointer<T>(product.InputInverse),
                    Pointer<T>(product.Gradient),
                    Pointer<T>(product.Result),
                    product.Gradient.Shape[0],
                    product.Gradient.Shape[1],
                    TileLayout.Size(Math.Max(product.Gradient.Shape[0], product.Gradient.Shape[1]), product.TileSize),
                    T.CreateTruncating(product.Scale),
                    product.Update is TileUpdate update ? Scaled(update.Step, update.GradientScale) : null,
                    product.Update is null ? null : Pointer<T>(product.Update.Value.Velocity));
            }
        }

        double[] sums = ArrayPool<double>.Shared.Rent(count);
        Kernels.Host.TilePrecondition.Apply<T>(layers.AsSpan(0, count), sums.AsSpan(0, innerProducts is null ? 0 : count));
        if (innerProducts is not null)
        {
            int next = 0;
            for (int i = 0; i < products.Length; i++)
            {
                if (products[i].Gradient.DType == type)
                {
                    Write(innerProducts, i, sums[next++]);
                }
            }
        }

        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<TilePreconditionLayer<T>>.Shared.Return(layers);
    }

    private static void Write(Tensor vector, int index, double value)
    {
        if (vector.DType == DType.Float32)
        {
            Pointer<float>(vector)[index] = (float)value;
        }
        else
        {
            Pointer<double>(vector)[index] = value;
        }
    }
}
