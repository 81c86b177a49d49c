using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd;

/// <content>Pooling over images (batch, channels, height, width).</content>
public partial class Variable
{
    /// <summary>The largest element of each window; the first of equals gets the gradient.</summary>
    public Variable MaxPool2d(Pooling2d geometry)
    {
        (Tensor value, Tensor indices) = Value.MaxPool2d(geometry);
        return Node.Record("MaxPool2d", value, this, g => g.Scatter(indices, Shape));
    }

    /// <summary>The mean of each window, over the elements inside the image.</summary>
    public Variable AveragePool2d(Pooling2d geometry) =>
        Node.Record("AveragePool2d", Value.AveragePool2d(geometry), this, g => g.SpreadOverWindows(Shape, geometry));

    /// <summary>The mean over height and width: (batch, channels).</summary>
    public Variable GlobalAveragePool2d() => Mean(2, 3);

    private Variable Scatter(Tensor indices, Shape images) =>
        Node.Record("MaxPool2dScatter", Value.MaxPool2dScatter(indices, images), this, g => g.Gather(indices));

    private Variable Gather(Tensor indices)
    {
        Shape images = Shape;
        return Node.Record("MaxPool2dGather", Value.MaxPool2dGather(indices), this, g => g.Scatter(indices, images));
    }

    private Variable SpreadOverWindows(Shape images, Pooling2d geometry) => Node.Record(
        "AveragePool2dGradient", Value.AveragePool2dGradient(images, geometry), this, g => g.AveragePool2d(geometry));
}
