using Thor.Kernels;

namespace Thor.Engine;

/// <content>Two-dimensional convolution over (batch, channels, height, width) and its adjoints.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// This batch of images (n, c, h, w) cross-correlated with filters (outputs, c / groups, ky, kx), plus bias (outputs) where given:
    /// (n, outputs, output height, output width).
    /// </summary>
    /// <exception cref="ShapeException">Ranks, channels, groups, geometry, element types or devices do not fit, or the padded image is smaller than the filter.</exception>
    public Tensor Conv2d(Tensor weight, Tensor? bias, in Convolution2d geometry)
    {
        ArgumentNullException.ThrowIfNull(weight);
        const string operation = nameof(Conv2d);
        Shape output = ConvolutionOutput(operation, Shape, weight.Shape, geometry);
        RequireFloatingAlike(operation, this, weight);
        if (bias is not null)
        {
            RequireFloatingAlike(operation, this, bias);
            if (bias.Shape != [weight.Shape[0]])
            {
                ShapeException.Throw(operation, $"bias {bias.Shape} does not have one element per output channel of the filters {weight.Shape}");
            }
        }

        Tensor y = EmptyLike(output);
        Backend.Convolve(Contiguous(), weight.Contiguous(), bias?.Contiguous(), y, geometry);
        return y;
    }

    /// <summary>The adjoint of <see cref="Conv2d"/> in the images: gradient (n, outputs, oh, ow) and filters give the gradient of images of the shape named.</summary>
    /// <exception cref="ShapeException">The gradient does not have the shape that convolving such images gives, or element types or devices differ.</exception>
    public static Tensor Conv2dInputGradient(Tensor gradient, Tensor weight, Shape inputShape, in Convolution2d geometry)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(weight);
        const string operation = nameof(Conv2dInputGradient);
        RequireGradient(operation, gradient, ConvolutionOutput(operation, inputShape, weight.Shape, geometry), inputShape, weight.Shape);
        RequireFloatingAlike(operation, gradient, weight);
        Tensor dx = gradient.EmptyLike(inputShape);
        gradient.Backend.ConvolveInputGradient(gradient.Contiguous(), weight.Contiguous(), dx, geometry);
        return dx;
    }

    /// <summary>The adjoint of <see cref="Conv2d"/> in the filters: images and gradient (n, outputs, oh, ow) give the gradient of filters of the shape named, summed over the batch.</summary>
    /// <exception cref="ShapeException">The gradient does not have the shape that convolving with such filters gives, or element types or devices differ.</exception>
    public static Tensor Conv2dWeightGradient(Tensor images, Tensor gradient, Shape weightShape, in Convolution2d geometry)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(gradient);
        const string operation = nameof(Conv2dWeightGradient);
        RequireGradient(operation, gradient, ConvolutionOutput(operation, images.Shape, weightShape, geometry), images.Shape, weightShape);
        RequireFloatingAlike(operation, images, gradient);
        Tensor dw = images.EmptyLike(weightShape);
        images.Backend.ConvolveWeightGradient(images.Contiguous(), gradient.Contiguous(), dw, geometry);
        return dw;
    }

    /// <summary>The shape of a convolution's result, after everything that could be wrong was looked at.</summary>
    internal static Shape ConvolutionOutput(string operation, Shape images, Shape weight, in Convolution2d geometry)
    {
        if (images.Rank != 4 || weight.Rank != 4)
        {
            ShapeException.Throw(operation, $"images {images} and filters {weight} must both have 4 axes, (n, c, h, w) and (outputs, c / groups, ky, kx)");
        }

        if (geometry.StrideY < 1 || geometry.StrideX < 1 || geometry.DilationY < 1 || geometry.DilationX < 1
            || geometry.PaddingY < 0 || geometry.PaddingX < 0 || geometry.Groups < 1)
        {
            ShapeException.Throw(operation, $"strides, dilations and groups must be at least 1 and padding at least 0, got {geometry} for images {images} and filters {weight}");
        }

        if (images[1] % geometry.Groups != 0 || weight[0] % geometry.Groups != 0 || weight[1] != images[1] / geometry.Groups)
        {
            ShapeException.Throw(operation, $"images {images} and filters {weight} do not fit in {geometry.Groups} group(s): filters need {images[1]} / groups input channels and a multiple of groups outputs");
        }

        if (weight.Length == 0)
        {
            ShapeException.Throw(operation, $"filters {weight} are empty, for images {images}");
        }

        int height = geometry.OutputHeight(images[2], weight[2]);
        int width = geometry.OutputWidth(images[3], weight[3]);
        if (height < 1 || width < 1)
        {
            ShapeException.Throw(operation, $"images {images}, padded, are smaller than the filters {weight} with {geometry}");
        }

        return [images[0], weight[0], height, width];
    }

    private static void RequireGradient(string operation, Tensor gradient, Shape expected, Shape images, Shape weight)
    {
        if (gradient.Shape != expected)
        {
            ShapeException.Throw(operation, $"the gradient is {gradient.Shape}, but images {images} and filters {weight} give {expected}");
        }
    }

    private static void RequireFloatingAlike(string operation, Tensor first, Tensor second)
    {
        if (first.DType != second.DType || first.Device != second.Device || !first.DType.IsFloating())
        {
            ShapeException.Throw(operation, $"operands must share a floating element type and a device, got {first} and {second}");
        }
    }
}
