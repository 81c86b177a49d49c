using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Convolutions of any stride, padding, dilation and number of groups; each group has its own A and G.</summary>
/// <remarks>
/// A = M^T M / (B T), G = D^T D / (B T), with M the patches (B T, inputs / groups * kernel y * kernel x) that the layer's own geometry
/// cuts out, D = c dout as (B T, outputs / groups) and T the number of output positions. The curvature is T (A kron G):
/// damping is sqrt(lambda / T) on each factor and the result is divided by T (Grosse and Martens 2016). With
/// <see cref="WeightSharing.Reduce"/> M holds the mean patch of each sample and D the sum over its positions, both over B, and the curvature is A kron G.
/// </remarks>
public sealed class ConvolutionCurvature : MatrixCurvature
{
    private readonly Convolution2d _geometry;
    private Tensor? _patchesOfPixels;
    private int _imageWidth;

    internal ConvolutionCurvature(string name, Conv2d layer, KroneckerOptions options)
        : base(name, layer, layer.Geometry.Groups, options)
    {
        _geometry = layer.Geometry;
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        _patchesOfPixels?.Dispose();
    }

    /// <inheritdoc/>
    private protected override long Rows(in Observation observation) =>
        IsReduced ? observation.Samples : (long)observation.Samples * PositionsOf(observation.Gradient);

    /// <inheritdoc/>
    private protected override void GatherInput(in Observation observation, double weight, double keep)
    {
        Positions = IsReduced ? 1 : PositionsOf(observation.Gradient);
        double rows = (double)observation.Samples * Positions;
        Tensor images = observation.Input.Contiguous();
        Tensor d = observation.Gradient;
        Shape kernel = Layer.Weight.Shape;
        Tensor? patches = IsReduced ? MeanPatches(images, d) : null;
        for (int group = 0; group < Groups; group++)
        {
            KroneckerFactor a = InputFactor(group);
            if (patches is not null)
            {
                Tensor x = patches.Select(1, group);
                x = IsHomogeneous ? WithOnes(x) : x;
                x.Device.Backend.TileCovariance(x, Options.TileSize, weight / rows, keep, a.Fresh);
            }
            else if (IsHomogeneous)
            {
                AccumulateHomogeneous(images, d, group, weight / rows, keep, a);
            }
            else
            {
                images.Device.Backend.TilePatchCovariance(images, kernel[2], kernel[3], _geometry, group, Options.TileSize, weight / rows, keep, a.Fresh);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void GatherOutput(in Observation observation, double weight, double keep)
    {
        Tensor d = observation.Gradient.Contiguous();
        double scale = weight * observation.Scale * observation.Scale / Rows(observation);
        Convolution2d pixels = new(Groups: Groups);
        if (IsReduced)
        {
            d = d.Sum(2, 3).Reshape(d.Shape[0], Groups, -1);
        }

        for (int group = 0; group < Groups; group++)
        {
            Tensor fresh = OutputFactor(group).Fresh;
            if (IsReduced)
            {
                d.Device.Backend.TileCovariance(d.Select(1, group), Options.TileSize, scale, keep, fresh);
            }
            else
            {
                d.Device.Backend.TilePatchCovariance(d, 1, 1, pixels, group, Options.TileSize, scale, keep, fresh);
            }
        }
    }

    private static int PositionsOf(Tensor gradient) => gradient.Shape[2] * gradient.Shape[3];

    /// <summary>The mean patch of every sample and group: (B, groups, inputs / groups * kernel y * kernel x).</summary>
    /// <remarks>
    /// The gradient of a filter that is multiplied by ones everywhere is the sum of the patches; with samples in the place of groups, that of each sample.
    /// </remarks>
    private Tensor MeanPatches(Tensor images, Tensor d)
    {
        Shape kernel = Layer.Weight.Shape;
        int parts = images.Shape[0] * Groups;
        Tensor ones = Tensor.Full([1, parts, d.Shape[2], d.Shape[3]], 1.0 / PositionsOf(d), d.DType, d.Device);
        Tensor sums = Tensor.Conv2dWeightGradient(
            images.Reshape(1, -1, images.Shape[2], images.Shape[3]), ones, [parts, kernel[1], kernel[2], kernel[3]], _geometry with { Groups = parts });
        return sums.Reshape(images.Shape[0], Groups, -1);
    }

    /// <summary>A with one more row and column, which hold the sum of the patches and their number.</summary>
    private void AccumulateHomogeneous(Tensor images, Tensor d, int group, double scale, double keep, KroneckerFactor a)
    {
        Shape kernel = Layer.Weight.Shape;
        int dimension = a.Dimension - 1;
        Tensor run = Tensor.Empty([checked((int)TileLayout.Length(dimension, Options.TileSize))], a.Fresh.DType, a.Fresh.Device);
        images.Device.Backend.TilePatchCovariance(images, kernel[2], kernel[3], _geometry, group, Options.TileSize, scale, 0, run);

        // The gradient of a filter that is multiplied by ones everywhere is the sum of the patches.
        Tensor ones = Tensor.Ones([d.Shape[0], Groups, d.Shape[2], d.Shape[3]], d.DType, d.Device);
        Tensor sums = Tensor.Empty([Groups, kernel[1], kernel[2], kernel[3]], d.DType, d.Device);
        images.Device.Backend.ConvolveWeightGradient(images, ones, sums, _geometry);
        Tensor edge = sums.Select(0, group).Reshape(-1) * scale;

        Tensor padded = Tensor.Zeros([checked((int)a.Length)], run.DType, run.Device);
        int lastRows = TileLayout.Dimension(a.Dimension, Options.TileSize, a.TileCount - 1);
        int whole = checked((int)TileLayout.Offset(Options.TileSize, a.TileCount - 1));
        padded.Slice(0, 0, whole).CopyFrom(run.Slice(0, 0, whole));
        Tensor last = a.Tile(padded, a.TileCount - 1);
        int inner = lastRows - 1;
        if (inner > 0)
        {
            Tensor tail = edge.Slice(0, dimension - inner, inner);
            last.Slice(0, 0, inner).Slice(1, 0, inner).CopyFrom(run.Slice(0, whole, inner * inner).Reshape(inner, inner));
            last.Select(0, inner).Slice(0, 0, inner).CopyFrom(tail);
            last.Select(1, inner).Slice(0, 0, inner).CopyFrom(tail);
        }

        last.Slice(0, inner, 1).Slice(1, inner, 1).Fill(scale * d.Shape[0] * Positions);
        a.Gather(padded, keep);
    }

    /// <inheritdoc/>
    /// <remarks>|M|^2 is the sum over pixels of the square times the number of patches that hold the pixel; no patch is formed.</remarks>
    private protected override void AddInputSquares(in Observation observation, Tensor squares)
    {
        Positions = IsReduced ? 1 : PositionsOf(observation.Gradient);
        Tensor images = observation.Input.Contiguous();
        Shape image = images.Shape;
        Tensor patches = IsReduced
            ? MeanPatches(images, observation.Gradient).Reduce(ReduceOperation.SumOfSquares, [0, 2])
            : (images.Reshape(image[0], Groups, image[1] / Groups, -1).Reduce(ReduceOperation.SumOfSquares, [0, 2])
                * PatchesOfPixels(observation.Gradient, image)).Sum(1);
        squares.Reshape(Groups, -1).Slice(1, 0, 1).AddInPlace(patches.Reshape(Groups, 1));
    }

    /// <inheritdoc/>
    private protected override void AddOutputSquares(in Observation observation, Tensor squares)
    {
        Tensor d = IsReduced ? observation.Gradient.Sum(2, 3) : observation.Gradient.Contiguous();
        Tensor outputs = d.Reshape(d.Shape[0], Groups, -1).Reduce(ReduceOperation.SumOfSquares, [0, 2]);
        squares.Reshape(Groups, 2).Slice(1, 1, 1).AddInPlace(outputs.Reshape(Groups, 1), observation.Scale * observation.Scale);
    }

    /// <inheritdoc/>
    /// <remarks>The vector of a group is a filter: the convolution with it is M z, and the gradient of that filter for the result is M^T (M z).</remarks>
    private protected override void AddInputProducts(in Observation observation, Tensor vectors, Tensor products)
    {
        Tensor images = observation.Input.Contiguous();
        if (IsReduced)
        {
            Tensor patches = MeanPatches(images, observation.Gradient);
            for (int group = 0; group < Groups; group++)
            {
                Tensor x = patches.Select(1, group);
                AddProducts(IsHomogeneous ? WithOnes(x) : x, vectors.Slice(0, group, 1), products.Slice(0, group, 1));
            }

            return;
        }

        Shape kernel = Layer.Weight.Shape;
        Shape filters = [Groups, kernel[1], kernel[2], kernel[3]];
        int inputs = kernel[1] * kernel[2] * kernel[3];
        Tensor? constant = IsHomogeneous ? vectors.Slice(1, inputs, 1).Contiguous().Reshape(-1) : null;
        Tensor along = images.Conv2d(vectors.Slice(1, 0, inputs).Contiguous().Reshape(filters), constant, _geometry);
        products.Slice(1, 0, inputs).CopyFrom(
            products.Slice(1, 0, inputs) + Tensor.Conv2dWeightGradient(images, along, filters, _geometry).Reshape(Groups, inputs));
        if (IsHomogeneous)
        {
            products.Slice(1, inputs, 1).CopyFrom(products.Slice(1, inputs, 1) + along.Sum(0, 2, 3).Reshape(Groups, 1));
        }
    }

    /// <inheritdoc/>
    private protected override void AddOutputProducts(in Observation observation, Tensor vectors, Tensor products)
    {
        Tensor d = IsReduced ? observation.Gradient.Sum(2, 3).Unsqueeze(2).Unsqueeze(3) : observation.Gradient.Contiguous();
        Shape filters = [Groups, Outputs, 1, 1];
        Convolution2d pixels = new(Groups: Groups);
        Tensor along = d.Conv2d(vectors.Reshape(filters), null, pixels);
        products.AddInPlace(Tensor.Conv2dWeightGradient(d, along, filters, pixels).Reshape(Groups, -1), observation.Scale * observation.Scale);
    }

    /// <summary>How many patches hold each pixel of an image: (pixels), the adjoint of a convolution with ones, applied to ones.</summary>
    private Tensor PatchesOfPixels(Tensor gradient, Shape image)
    {
        if (_patchesOfPixels is null || _patchesOfPixels.Shape[1] != image[2] * image[3] || _imageWidth != image[3])
        {
            Shape kernel = Layer.Weight.Shape;
            Tensor counts = Tensor.Conv2dInputGradient(
                Tensor.Ones([1, 1, gradient.Shape[2], gradient.Shape[3]], gradient.DType, gradient.Device),
                Tensor.Ones([1, 1, kernel[2], kernel[3]], gradient.DType, gradient.Device),
                [1, 1, image[2], image[3]],
                _geometry with { Groups = 1 });
            _patchesOfPixels?.Dispose();
            _patchesOfPixels = counts.Reshape(1, -1).Persist();
            _imageWidth = image[3];
        }

        return _patchesOfPixels;
    }
}
