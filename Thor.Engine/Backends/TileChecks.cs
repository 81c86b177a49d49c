using System.Globalization;
using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <summary>Refuses operands of the tile primitives that do not fit, before any work starts, on every device.</summary>
internal static class TileChecks
{
    private const string CovarianceName = "TileCovariance";
    private const string PatchName = "TilePatchCovariance";
    private const string InverseName = "TileInverse";
    private const string EigenName = "TileEigen";
    private const string PreconditionName = "TilePrecondition";

    public static void Covariance(Tensor x, int tileSize, Tensor tiles)
    {
        if (x.Rank != 2)
        {
            ShapeException.Throw(CovarianceName, $"x must be (rows, columns), got {x}");
        }

        if (x.Shape[1] > 1 && x.Length > 0 && x.Strides[1] != 1)
        {
            ShapeException.Throw(CovarianceName, $"the columns of x must be adjacent, got {x} with column stride {x.Strides[1]}");
        }

        Tiles(CovarianceName, x, x.Shape[1], tileSize, tiles, "tiles");
    }

    public static void PatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, Tensor tiles)
    {
        if (images.Rank != 4 || !images.IsContiguous)
        {
            ShapeException.Throw(PatchName, $"images must be (batch, channels, height, width) and contiguous, got {images}");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(kernelY, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelX, 1);
        if (geometry.StrideY < 1 || geometry.StrideX < 1 || geometry.DilationY < 1 || geometry.DilationX < 1
            || geometry.PaddingY < 0 || geometry.PaddingX < 0 || geometry.Groups < 1)
        {
            throw new ArgumentException(
                $"{PatchName}: strides, dilations and groups must be at least 1 and padding at least 0, got {geometry}.", nameof(geometry));
        }

        if (images.Shape[1] % geometry.Groups != 0)
        {
            ShapeException.Throw(PatchName, $"{geometry.Groups} groups do not divide the {images.Shape[1]} channels of {images}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(group);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(group, geometry.Groups);
        Tiles(PatchName, images, images.Shape[1] / geometry.Groups * kernelY * kernelX, tileSize, tiles, "tiles");
    }

    public static void Inverse(
        Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status, TileRetry retry, Tensor? damping)
    {
        Slots(InverseName, source, destination, slots, status);
        if (damping is not null && (damping.DType != source.DType || damping.Device != source.Device || damping.Length != slots.Length || !damping.IsContiguous))
        {
            ShapeException.Throw(
                InverseName, $"{slots.Length} slots need as many contiguous elements for their damping, {source.DType} on {source.Device}, got {damping}");
        }

        Retry(retry);
        foreach (ref readonly TileSlot slot in slots)
        {
            if (retry.Retries > 0 && slot.Damping == 0)
            {
                throw new ArgumentException(
                    $"{InverseName}: {retry.Retries} retries need damping that can grow, but the slot at element {slot.Offset} has none.", nameof(slots));
            }
        }
    }

    public static void Eigen(Tensor source, Tensor vectors, Tensor values, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        long dimensions = 0;
        foreach (ref readonly TileSlot slot in slots)
        {
            dimensions += slot.Dimension;
            if (slot.Dimension > TileLayout.MaximumDimension)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(slots), slot.Dimension, $"{EigenName}: tile dimensions must be at most {TileLayout.MaximumDimension}.");
            }
        }

        Slots(EigenName, source, vectors, slots, status);
        Alike(EigenName, source, values);
        if (values.Length != dimensions || !values.IsContiguous)
        {
            ShapeException.Throw(EigenName, $"{slots.Length} slots have {dimensions} eigenvalues, which need as many contiguous elements, got {values}");
        }
    }

    private static void Retry(TileRetry retry)
    {
        if (retry.Retries is < 0 or > TileRetry.MaximumRetries)
        {
            throw new ArgumentOutOfRangeException(
                nameof(retry), retry.Retries, $"{InverseName}: retries must be from 0 to {TileRetry.MaximumRetries}.");
        }

        if (retry.Retries > 0 && !(retry.Factor > 1 && double.IsFinite(retry.Factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(retry), retry.Factor, $"{InverseName}: each retry must damp more, by a finite factor above 1.");
        }
    }

    public static void Precondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts)
    {
        if (innerProducts is not null)
        {
            Floating(PreconditionName, innerProducts);
            if (innerProducts.Length != products.Length || !innerProducts.IsContiguous)
            {
                ShapeException.Throw(
                    PreconditionName, $"inner products of {products.Length} layers need as many contiguous elements, got {innerProducts}");
            }
        }

        foreach (ref readonly TileProduct product in products)
        {
            Precondition(product);
        }
    }

    private static void Precondition(in TileProduct product)
    {
        Tensor gradient = product.Gradient;
        if (gradient.Rank != 2 || !gradient.IsContiguous)
        {
            ShapeException.Throw(PreconditionName, $"the gradient must be (outputs, inputs) and contiguous, got {gradient}");
        }

        if (product.Result.Shape != gradient.Shape || !product.Result.IsContiguous)
        {
            ShapeException.Throw(PreconditionName, $"the result must be contiguous and of the gradient's shape, got {product.Result} for {gradient}");
        }

        Alike(PreconditionName, gradient, product.Result);
        Apart(product.Result, "the result", gradient, "the gradient");
        Tiles(PreconditionName, gradient, gradient.Shape[0], product.TileSize, product.OutputInverse, "the output inverse");
        Tiles(PreconditionName, gradient, gradient.Shape[1], product.TileSize, product.InputInverse, "the input inverse");
        if (product.Update is TileUpdate update)
        {
            Update(product, update);
        }
    }

    /// <summary>What an update brings with it.</summary>
    private static void Update(in TileProduct product, in TileUpdate update)
    {
        Tensor parameter = product.Result;
        Tensor velocity = update.Velocity;
        if (velocity.Shape != parameter.Shape || !velocity.IsContiguous)
        {
            ShapeException.Throw(PreconditionName, $"the velocity must be contiguous and of the parameter's shape, got {velocity} for {parameter}");
        }

        Alike(PreconditionName, parameter, velocity);
        Apart(velocity, "the velocity", parameter, "the parameter");
        Apart(velocity, "the velocity", product.Gradient, "the gradient");
        if (update.GradientScale is not Tensor scale)
        {
            return;
        }

        Alike(PreconditionName, parameter, scale);
        if (scale.Length != 1)
        {
            ShapeException.Throw(PreconditionName, $"the scale of an update must be one element, got {scale}");
        }

        Apart(scale, "the scale of an update", parameter, "the parameter");
        Apart(scale, "the scale of an update", velocity, "the velocity");
    }

    /// <summary>Refuses contiguous tensors that share elements.</summary>
    private static void Apart(Tensor a, string nameOfA, Tensor b, string nameOfB)
    {
        if (a.Memory == b.Memory && a.Offset < b.Offset + b.Length && b.Offset < a.Offset + a.Length)
        {
            ShapeException.Throw(
                PreconditionName,
                $"{nameOfA} must not share elements with {nameOfB}, got {a} at {a.Offset} and {b} at {b.Offset} of one memory");
        }
    }

    private static void Tiles(string operation, Tensor operand, int dimension, int tileSize, Tensor tiles, string name)
    {
        Floating(operation, operand);
        Alike(operation, operand, tiles);
        if (tileSize < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(tileSize), tileSize, $"{operation}: the tile size must be at least 1.");
        }

        long expected = TileLayout.Length(dimension, tileSize);
        if (tiles.Length != expected || !tiles.IsContiguous)
        {
            ShapeException.Throw(
                operation, $"{name} must be {expected} contiguous elements for dimension {dimension} in tiles of {tileSize} of {operand}, got {tiles}");
        }
    }

    /// <summary>Runs of tiles, where they go, and the status of each.</summary>
    private static void Slots(string operation, Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status)
    {
        Floating(operation, source);
        Alike(operation, source, destination);
        if (!source.IsContiguous || !destination.IsContiguous)
        {
            ShapeException.Throw(operation, $"source {source} and destination {destination} must be contiguous");
        }

        if (source.Memory == destination.Memory && source.Offset != destination.Offset
            && source.Offset < destination.Offset + destination.Length && destination.Offset < source.Offset + source.Length)
        {
            ShapeException.Throw(
                operation, $"source and destination overlap without being the same run: elements {source.Offset} and {destination.Offset} of one memory");
        }

        if (status.DType != DType.Int32 || status.Device != source.Device || status.Length != slots.Length || !status.IsContiguous)
        {
            ShapeException.Throw(operation, $"{slots.Length} slots need as many contiguous status words, Int32 on {source.Device}, got {status}");
        }

        long end = 0;
        bool ascending = true;
        foreach (ref readonly TileSlot slot in slots)
        {
            Slot(operation, slot, source, destination);
            ascending &= slot.Offset >= end;
            end = slot.Offset + Area(slot);
        }

        if (!ascending)
        {
            Disjoint(operation, slots);
        }
    }

    private static void Slot(string operation, in TileSlot slot, Tensor source, Tensor destination)
    {
        if (slot.Dimension < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(slot), slot.Dimension, $"{operation}: tile dimensions must be at least 1.");
        }

        if (slot.Offset < 0 || slot.Offset + Area(slot) > Math.Min(source.Length, destination.Length))
        {
            ShapeException.Throw(
                operation, $"the slot of dimension {slot.Dimension} at {slot.Offset} does not lie inside source {source} and destination {destination}");
        }

        if (slot.Damping < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(slot), slot.Damping, string.Create(CultureInfo.InvariantCulture, $"{operation}: damping must not be negative."));
        }
    }

    private static void Disjoint(string operation, ReadOnlySpan<TileSlot> slots)
    {
        TileSlot[] sorted = slots.ToArray();
        Array.Sort(sorted, static (a, b) => a.Offset.CompareTo(b.Offset));
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Offset < sorted[i - 1].Offset + Area(sorted[i - 1]))
            {
                ShapeException.Throw(operation, $"slots overlap: {sorted[i - 1]} and {sorted[i]}");
            }
        }
    }

    private static long Area(in TileSlot slot) => (long)slot.Dimension * slot.Dimension;

    private static void Floating(string operation, Tensor tensor)
    {
        if (tensor.DType == DType.Int32)
        {
            ShapeException.Throw(operation, $"elements must be Float32 or Float64, got {tensor}");
        }
    }

    private static void Alike(string operation, Tensor a, Tensor b)
    {
        if (a.DType != b.DType || a.Device != b.Device)
        {
            ShapeException.Throw(operation, $"operands must have one element type and one device, got {a} and {b}");
        }
    }
}
