using Thor.Engine.Memory;
using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <summary>
/// The tile primitives for tiles beyond <see cref="TileLayout.MaximumDimension"/>, whole factors above all, composed on any device of matrix
/// products and of the primitives for smaller tiles. Operands have been checked.
/// </summary>
internal static class LargeTiles
{
    // Elements of the patches that are written down at a time.
    private const long PatchElements = 1 << 22;

    /// <summary>Whether tiles of this size, in a factor of this dimension, are beyond the primitives.</summary>
    public static bool Has(int dimension, int tileSize) => Math.Min(dimension, tileSize) > TileLayout.MaximumDimension;

    /// <summary>Whether any slot is.</summary>
    public static bool Has(ReadOnlySpan<TileSlot> slots)
    {
        foreach (ref readonly TileSlot slot in slots)
        {
            if (slot.Dimension > TileLayout.MaximumDimension)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether any product has such tiles.</summary>
    public static bool Has(ReadOnlySpan<TileProduct> products)
    {
        foreach (ref readonly TileProduct product in products)
        {
            if (Has(Math.Max(product.Gradient.Shape[0], product.Gradient.Shape[1]), product.TileSize))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tile by tile, X_j^T X_j.</summary>
    public static void Covariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles)
    {
        using TensorScope scope = TensorScope.Begin();
        foreach ((int start, Tensor tile) in Each(tiles, x.Shape[1], tileSize))
        {
            Tensor columns = x.Slice(1, start, tile.Shape[0]);
            x.Backend.MatMul(columns.Transpose(), columns, tile, scale, decay);
        }
    }

    /// <summary>The same over patches, of which some samples' worth is written down at a time.</summary>
    public static void PatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles)
    {
        using TensorScope scope = TensorScope.Begin();
        int channels = images.Shape[1] / geometry.Groups;
        int height = images.Shape[2] + (2 * geometry.PaddingY);
        int width = images.Shape[3] + (2 * geometry.PaddingX);
        int rows = Positions(height, kernelY, geometry.StrideY, geometry.DilationY);
        int columns = Positions(width, kernelX, geometry.StrideX, geometry.DilationX);
        int patch = channels * kernelY * kernelX;
        int chunk = (int)Math.Clamp(PatchElements / Math.Max(1, (long)patch * rows * columns), 1, Math.Max(1, images.Shape[0]));
        double keep = decay;
        for (int first = 0; first == 0 || first < images.Shape[0]; first += chunk)
        {
            using TensorScope inner = TensorScope.Begin();
            int count = Math.Min(chunk, images.Shape[0] - first);
            Tensor padded = Tensor.Zeros([channels, count, height, width], images.DType, images.Device);
            padded.Slice(2, geometry.PaddingY, images.Shape[2]).Slice(3, geometry.PaddingX, images.Shape[3])
                .CopyFrom(images.Slice(0, first, count).Slice(1, group * channels, channels).Transpose(0, 1));
            Tensor patches = images.EmptyLike([channels, kernelY, kernelX, count, rows, columns]);
            for (int y = 0; y < kernelY; y++)
            {
                for (int x = 0; x < kernelX; x++)
                {
                    patches.Select(1, y).Select(1, x).CopyFrom(padded
                        .Slice(2, y * geometry.DilationY, rows, geometry.StrideY)
                        .Slice(3, x * geometry.DilationX, columns, geometry.StrideX));
                }
            }

            Covariance(patches.Reshape(patch, count * rows * columns).Transpose(), tileSize, scale, keep, tiles);
            keep = 1;
        }
    }

    /// <summary>
    /// Large tiles one by one, by halves. Where failed tiles are to be tried again, each attempt waits for the device to know whether the last was enough.
    /// </summary>
    public static void Inverse(
        Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status, TileRetry retry, Tensor? damping)
    {
        using TensorScope scope = TensorScope.Begin();
        List<TileSlot> small = [];
        List<int> places = [];
        for (int i = 0; i < slots.Length; i++)
        {
            TileSlot slot = slots[i];
            if (slot.Dimension <= TileLayout.MaximumDimension)
            {
                small.Add(slot);
                places.Add(i);
                continue;
            }

            double used = slot.Damping;
            Tensor word = Invert(source, destination, slot);
            for (int attempt = 0; attempt < retry.Retries && word.Item() is not (0 or -1); attempt++)
            {
                used *= retry.Factor;
                word = Invert(source, destination, slot with { Damping = used });
            }

            status.Slice(0, i, 1).CopyFrom(word);
            damping?.Slice(0, i, 1).Fill(used);
        }

        Tensor words = Tensor.Empty([small.Count], DType.Int32, source.Device);
        Tensor? dampings = damping is null ? null : source.EmptyLike([small.Count]);
        source.Backend.TileInverse(source, destination, small.ToArray(), words, retry, dampings);
        for (int i = 0; i < places.Count; i++)
        {
            status.Slice(0, places[i], 1).CopyFrom(words.Slice(0, i, 1));
            damping?.Slice(0, places[i], 1).CopyFrom(dampings!.Slice(0, i, 1)); // both are there or neither
        }
    }

    /// <summary>Products with large tiles block by block, all others in one launch.</summary>
    public static void Precondition(Backend backend, ReadOnlySpan<TileProduct> products, Tensor? innerProducts)
    {
        using TensorScope scope = TensorScope.Begin();
        List<TileProduct> small = [];
        List<int> places = [];
        for (int i = 0; i < products.Length; i++)
        {
            TileProduct product = products[i];
            if (!Has(Math.Max(product.Gradient.Shape[0], product.Gradient.Shape[1]), product.TileSize))
            {
                small.Add(product);
                places.Add(i);
                continue;
            }

            Tensor result = product.Update is null ? product.Result : product.Gradient.EmptyLike(product.Gradient.Shape);
            Multiply(product with { Result = result });
            innerProducts?.Slice(0, i, 1).CopyFrom((result * product.Gradient).Sum());
            if (product.Update is TileUpdate update)
            {
                backend.Update(UpdateRule.Momentum, update.Step, product.Result, result, update.Velocity, null, update.GradientScale);
            }
        }

        Tensor? sums = innerProducts?.EmptyLike([small.Count]);
        backend.TilePrecondition(small.ToArray(), sums);
        for (int i = 0; sums is not null && i < places.Count; i++)
        {
            innerProducts!.Slice(0, places[i], 1).CopyFrom(sums.Slice(0, i, 1)); // where there are sums
        }
    }

    private static int Positions(int size, int kernel, int stride, int dilation) => Math.Max(0, ((size - (dilation * (kernel - 1)) - 1) / stride) + 1);

    /// <summary>The tiles of a packed run, (d, d) each, and where on the diagonal they begin.</summary>
    private static IEnumerable<(int Start, Tensor Tile)> Each(Tensor run, int dimension, int tileSize)
    {
        for (int tile = 0; tile < TileLayout.Count(dimension, tileSize); tile++)
        {
            int size = TileLayout.Dimension(dimension, tileSize, tile);
            yield return (tile * tileSize, Square(run, TileLayout.Offset(tileSize, tile), size));
        }
    }

    private static Tensor Square(Tensor run, long offset, int size) => run.Reshape(-1).Slice(0, checked((int)offset), size * size).Reshape(size, size);

    private static void Multiply(in TileProduct product)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor gradient = product.Gradient;
        Tensor turned = gradient.EmptyLike(gradient.Shape);
        foreach ((int start, Tensor tile) in Each(product.InputInverse, gradient.Shape[1], product.TileSize))
        {
            turned.Slice(1, start, tile.Shape[0]).CopyFrom(gradient.Slice(1, start, tile.Shape[0]).MatMul(tile));
        }

        foreach ((int start, Tensor tile) in Each(product.OutputInverse, gradient.Shape[0], product.TileSize))
        {
            gradient.Backend.MatMul(tile, turned.Slice(0, start, tile.Shape[0]), product.Result.Slice(0, start, tile.Shape[0]), product.Scale);
        }
    }

    /// <summary>One tile; the destination changes only if all went well.</summary>
    /// <returns>Its status word, (1).</returns>
    private static Tensor Invert(Tensor source, Tensor destination, in TileSlot slot)
    {
        Tensor matrix = Mirrored(Square(source, slot.Offset, slot.Dimension));
        Diagonal(matrix).AddInPlace(Tensor.Full([slot.Dimension], slot.Damping, source.DType, source.Device));
        (Tensor inverse, Tensor status) = Invert(matrix);
        Tensor target = Square(destination, slot.Offset, slot.Dimension);
        Tensor sound = Tensor.Map(BinaryOperation.Equal, status, 0).Cast(source.DType);
        target.CopyFrom(Tensor.Where(sound.Reshape(1, 1), (inverse + inverse.Transpose()) * 0.5, target));
        return status;
    }

    /// <summary>
    /// By halves: with S = A22 - A12^T A11^-1 A12 the inverse is made of S^-1, A11^-1 A12 S^-1 and A11^-1 + A11^-1 A12 S^-1 A12^T A11^-1. A minor of the
    /// whole is bad where one of A11 is, or one of S.
    /// </summary>
    private static (Tensor Inverse, Tensor Status) Invert(Tensor matrix)
    {
        int n = matrix.Shape[0];
        Tensor inverse = Tensor.Full(matrix.Shape, double.NaN, matrix.DType, matrix.Device);
        if (n <= TileLayout.MaximumDimension)
        {
            Tensor word = Tensor.Empty([1], DType.Int32, matrix.Device);
            matrix.Backend.TileInverse(matrix.Contiguous(), inverse, [new TileSlot(0, n, 0)], word);
            return (inverse, word);
        }

        int half = n / 2;
        int rest = n - half;
        (Tensor first, Tensor firstStatus) = Invert(matrix.Slice(0, 0, half).Slice(1, 0, half));
        Tensor edge = matrix.Slice(0, 0, half).Slice(1, half, rest);
        Tensor reach = first.MatMul(edge);
        Tensor complement = matrix.Slice(0, half, rest).Slice(1, half, rest).Clone();
        Tensor.MatMulInto(edge.Transpose(), reach, complement, alpha: -1, beta: 1);
        (Tensor second, Tensor secondStatus) = Invert(complement);

        Tensor corner = reach.MatMul(second);
        Tensor.MatMulInto(corner, reach.Transpose(), first, beta: 1);
        inverse.Slice(0, 0, half).Slice(1, 0, half).CopyFrom(first);
        inverse.Slice(0, 0, half).Slice(1, half, rest).CopyFrom(-corner);
        inverse.Slice(0, half, rest).Slice(1, 0, half).CopyFrom(-corner.Transpose());
        inverse.Slice(0, half, rest).Slice(1, half, rest).CopyFrom(second);

        // The first status that is not 0, with an order counted from the start of the whole.
        Tensor later = secondStatus + (Tensor.Map(BinaryOperation.Greater, secondStatus, 0) * half);
        Tensor status = firstStatus + (Tensor.Map(BinaryOperation.Equal, firstStatus, 0) * later);
        return (inverse, status);
    }

    /// <summary>A copy whose lower triangle is the upper one's mirror image.</summary>
    private static Tensor Mirrored(Tensor matrix)
    {
        int n = matrix.Shape[0];
        Tensor index = Tensor.From([.. Enumerable.Range(0, n).Select(static i => (float)i)], [n], matrix.Device).Cast(matrix.DType);
        Tensor upper = Tensor.Map(BinaryOperation.GreaterOrEqual, index.Unsqueeze(0), index.Unsqueeze(1));
        return Tensor.Where(upper, matrix, matrix.Transpose());
    }

    private static Tensor Diagonal(Tensor matrix) => matrix.Reshape(-1).Slice(0, 0, matrix.Shape[0], matrix.Shape[0] + 1);
}
