using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Convolutions of any stride, padding, dilation and number of groups; each group has its own A and G.</summary>
/// <remarks>
/// A = M^T M / (B T), G = D^T D B^2 / (B T), with M the patches (B T, inputs / groups * kernel y * kernel x) that the layer's own geometry
/// cuts out, D the output gradient as (B T, outputs / groups) and T the number of output positions. The curvature is T (A kron G):
/// damping is sqrt(lambda / T) on each factor and the result is divided by T (Grosse and Martens 2016).
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
    private protected override long Rows(Tensor input, Tensor gradient) => (long)gradient.Shape[0] * gradient.Shape[2] * gradient.Shape[3];

    /// <inheritdoc/>
    private protected override void Accumulate(Tensor input, Tensor gradient, double weight, double keep)
    {
        Positions = gradient.Shape[2] * gradient.Shape[3];
        double rows = (double)BatchSize * Positions;
        Tensor images = input.Contiguous();
        Tensor d = gradient.Contiguous();
        Shape kernel = Layer.Weight.Shape;
        Convolution2d pixels = new(Groups: Groups);
        for (int group = 0; group < Groups; group++)
        {
            KroneckerFactor a = Factors[2 * group];
            KroneckerFactor g = Factors[(2 * group) + 1];
            if (IsHomogeneous)
            {
                AccumulateHomogeneous(images, d, group, weight / rows, keep, a);
            }
            else
            {
                images.Device.Backend.TilePatchCovariance(images, kernel[2], kernel[3], _geometry, group, Options.TileSize, weight / rows, keep, a.Fresh);
            }

            d.Device.Backend.TilePatchCovariance(d, 1, 1, pixels, group, Options.TileSize, weight * BatchSize * BatchSize / rows, keep, g.Fresh);
        }
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
    private protected override void AddSquares(Tensor input, Tensor gradient, Tensor squares)
    {
        Positions = gradient.Shape[2] * gradient.Shape[3];
        Shape image = input.Shape;
        Tensor pixels = input.Contiguous().Reshape(image[0], Groups, image[1] / Groups, -1).Reduce(ReduceOperation.SumOfSquares, [0, 2]);
        Tensor patches = (pixels * PatchesOfPixels(gradient, image)).Sum(1);
        Tensor outputs = gradient.Contiguous().Reshape(image[0], Groups, -1).Reduce(ReduceOperation.SumOfSquares, [0, 2]);
        Tensor pairs = squares.Reshape(Groups, 2);
        pairs.Slice(1, 0, 1).AddInPlace(patches.Reshape(Groups, 1));
        pairs.Slice(1, 1, 1).AddInPlace(outputs.Reshape(Groups, 1), (double)BatchSize * BatchSize);
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
