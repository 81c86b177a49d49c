using Thor.Autograd.SecondOrder;
using Thor.Engine;

namespace Thor.Autograd.Layers;

/// <summary>A layer with a weight, perhaps a bias, and curvature that can be observed.</summary>
public abstract class CurvatureLayer : Layer, ICurvatureLayer
{
    /// <summary>Registers the parameters under torch's names, "weight" and "bias".</summary>
    private protected CurvatureLayer(Tensor weight, Tensor? bias)
    {
        Weight = Register("weight", new Parameter(weight));
        Bias = bias is null ? null : Register("bias", new Parameter(bias));
    }

    /// <inheritdoc/>
    public ICurvatureObserver? Observer { get; set; }

    /// <inheritdoc/>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected sealed override Variable Run(Variable input)
    {
        Variable output = Apply(input);
        if (Observer is { IsCapturing: true } observer && Training && Gradients.Enabled)
        {
            observer.Observe(this, input, output);
        }

        return output;
    }

    /// <summary>What the layer computes.</summary>
    private protected abstract Variable Apply(Variable input);
}
