using Thor.Engine;

namespace Thor.Autograd;

/// <summary>A leaf that training changes. Its tensor lives outside every TensorScope.</summary>
public sealed class Parameter : Variable
{
    /// <summary>A trainable tensor.</summary>
    public Parameter(Tensor value)
        : base(value.Persist(), requiresGradient: true)
    {
    }

    /// <summary>Drops the gradient and gives its memory back.</summary>
    public void ZeroGrad()
    {
        Gradient?.Dispose();
        Gradient = null;
    }
}
