using Thor.Kernels;

namespace Thor.Engine;

/// <content>Two-dimensional pooling over (batch, channels, height, width) and its adjoints.</content>
public sealed partial class Tensor
{
    /// <summary>
    /// The largest element of each window, and its position y * width + x in its plane (Int32), both (n, c, output height, output width).
    /// The first of equal elements wins, and a NaN wins over every number.
    /// </summary>
    /// <exception cref="ShapeException">This is not a batch of floating-point images, or the window does not fit.</exception>
    public (Tensor Values, Tensor Indices) MaxPool2d(in Pooling2d geometry)
    {
        Shape output = PoolingOutput(nameof(MaxPool2d), Shape, geometry);
        RequireFloatingAlike(nameof(MaxPool2d), this, this);
        Tensor values = EmptyLike(output);
        Tensor indices = Empty(output, DType.Int32, Device);
        Backend.MaxPool(Contiguous(), values, indices, geometry);
        return (values, indices);
    }

    /// <summary>Images of the shape named that are zero but where the indices of a pooling point: there, the sum of this gradient's elements.</summary>
    /// <remarks>The adjoint of <see cref="MaxPool2d"/> at the indices it chose.</remarks>
    /// <exception cref="ShapeException">Gradient and indices differ in shape, or do not have the batch and channels of the result.</exception>
    public Tensor MaxPool2dScatter(Tensor indices, Shape inputShape)
    {
        RequireIndices(nameof(MaxPool2dScatter), indices, Shape, inputShape);
        RequireFloatingAlike(nameof(MaxPool2dScatter), this, this);
        Tensor dx = EmptyLike(inputShape);
        Backend.MaxPoolScatter(Contiguous(), indices.Contiguous(), dx);
        return dx;
    }

    /// <summary>The elements of these images that the indices of a pooling point at, in the shape of the indices: the adjoint of <see cref="MaxPool2dScatter"/>.</summary>
    /// <exception cref="ShapeException">Indices and images differ in batch or channels.</exception>
    public Tensor MaxPool2dGather(Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        RequireIndices(nameof(MaxPool2dGather), indices, indices.Shape, Shape);
        RequireFloatingAlike(nameof(MaxPool2dGather), this, this);
        Tensor y = EmptyLike(indices.Shape);
        Backend.MaxPoolGather(Contiguous(), indices.Contiguous(), y);
        return y;
    }

    /// <summary>The mean of the elements of each window that lie inside the image: (n, c, output height, output width).</summary>
    /// <exception cref="ShapeException">This is not a batch of floating-point images, or the window does not fit.</exception>
    public Tensor AveragePool2d(in Pooling2d geometry)
    {
        Shape output = PoolingOutput(nameof(AveragePool2d), Shape, geometry);
        RequireFloatingAlike(nameof(AveragePool2d), this, this);
        Tensor y = EmptyLike(output);
        Backend.AveragePool(Contiguous(), y, geometry);
        return y;
    }

    /// <summary>The adjoint of <see cref="AveragePool2d"/>: this gradient gives the gradient of images of the shape named.</summary>
    /// <exception cref="ShapeException">This does not have the shape that pooling such images gives.</exception>
    public Tensor AveragePool2dGradient(Shape inputShape, in Pooling2d geometry)
    {
        Shape output = PoolingOutput(nameof(AveragePool2dGradient), inputShape, geometry);
        RequireFloatingAlike(nameof(AveragePool2dGradient), this, this);
        if (Shape != output)
        {
            ShapeException.Throw(nameof(AveragePool2dGradient), $"the gradient is {Shape}, but pooling images {inputShape} with {geometry} gives {output}");
        }

        Tensor dx = EmptyLike(inputShape);
        Backend.AveragePoolGradient(Contiguous(), dx, geometry);
        return dx;
    }

    private static Shape PoolingOutput(string operation, Shape images, in Pooling2d geometry)
    {
        if (images.Rank != 4)
        {
            ShapeException.Throw(operation, $"images {images} must have 4 axes, (n, c, h, w)");
        }

        if (geometry.KernelY < 1 || geometry.KernelX < 1 || geometry.StrideY < 1 || geometry.StrideX < 1
            || geometry.PaddingY < 0 || geometry.PaddingX < 0
            || geometry.PaddingY >= geometry.KernelY || geometry.PaddingX >= geometry.KernelX)
        {
            ShapeException.Throw(operation, $"window and strides must be at least 1 and padding less than the window, got {geometry} for images {images}");
        }

        int height = geometry.OutputHeight(images[2]);
        int width = geometry.OutputWidth(images[3]);
        if (height < 1 || width < 1 || images[2] < 1 || images[3] < 1)
        {
            ShapeException.Throw(operation, $"images {images}, padded, are smaller than the window of {geometry}");
        }

        return [images[0], images[1], height, width];
    }

    private static void RequireIndices(string operation, Tensor indices, Shape pooled, Shape images)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Shape != pooled || pooled.Rank != 4 || images.Rank != 4 || pooled[0] != images[0] || pooled[1] != images[1])
        {
            ShapeException.Throw(operation, $"pooled elements {pooled}, indices {indices.Shape} and images {images} must have 4 axes and agree in batch and channels");
        }

        if (indices.DType != DType.Int32)
        {
            ShapeException.Throw(operation, $"indices must be Int32, got {indices}");
        }
    }
}
