using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>What is looked at of one forward and backward pass of a layer. The tensors are alive during the pass only.</summary>
/// <param name="Input">What went in: (samples, ...).</param>
/// <param name="Gradient">dout, of the same samples.</param>
/// <param name="Scale">What turns dout into g, the gradient of the loss of one sample.</param>
/// <param name="IsFirst">
/// Whether this is the first backward pass through that forward pass. Later ones (samples of labels, columns of a Hessian) add to G what the first
/// has begun, and leave A alone.
/// </param>
internal readonly record struct Observation(Tensor Input, Tensor Gradient, double Scale, bool IsFirst)
{
    /// <summary>B.</summary>
    public int Samples => Input.Shape[0];
}
