using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd;

/// <content>
/// Convolution and its two adjoints. The three are linear in each operand and are each other's derivatives, so this set is
/// closed under differentiation of any order.
/// </content>
public partial class Variable
{
    /// <summary>This, images (batch, channels, height, width), cross-correlated with filters (outputs, channels / groups, kernel y, kernel x).</summary>
    /// <param name="weight">The filters.</param>
    /// <param name="bias">Per output channel, or null.</param>
    /// <param name="geometry">Stride, padding, dilation and groups.</param>
    /// <exception cref="ShapeException">The shapes do not fit each other or the geometry.</exception>
    public Variable Conv2d(Variable weight, Variable? bias, Convolution2d geometry)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Tensor value = Value.Conv2d(weight.Value, bias?.Value, geometry);
        Variable[] operands = bias is null ? [this, weight] : [this, weight, bias];
        return Node.Record("Conv2d", value, operands, (g, needed) =>
        [
            needed[0] ? ConvolveInputGradient(g, weight, Shape, geometry) : null,
            needed[1] ? ConvolveWeightGradient(this, g, weight.Shape, geometry) : null,
            .. bias is null ? ReadOnlySpan<Variable?>.Empty : [needed[2] ? g.Sum(0, 2, 3) : null],
        ]);
    }

    /// <summary>The adjoint of convolution in its images, applied to a gradient dy: images of the given shape.</summary>
    private static Variable ConvolveInputGradient(Variable dy, Variable weight, Shape images, Convolution2d geometry) => Node.Record(
        "Conv2dInputGradient",
        Tensor.Conv2dInputGradient(dy.Value, weight.Value, images, geometry),
        dy,
        weight,
        g => g.Conv2d(weight, null, geometry),
        g => ConvolveWeightGradient(g, dy, weight.Shape, geometry));

    /// <summary>The adjoint of convolution in its filters, applied to a gradient dy: filters of the given shape.</summary>
    private static Variable ConvolveWeightGradient(Variable images, Variable dy, Shape weight, Convolution2d geometry) => Node.Record(
        "Conv2dWeightGradient",
        Tensor.Conv2dWeightGradient(images.Value, dy.Value, weight, geometry),
        images,
        dy,
        g => ConvolveInputGradient(dy, g, images.Shape, geometry),
        g => images.Conv2d(g, null, geometry));
}
