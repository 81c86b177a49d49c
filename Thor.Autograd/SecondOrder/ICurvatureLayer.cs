using Thor.Engine;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// A layer whose curvature can be observed: dense, convolution, embedding, layer norm, batch norm. In training mode its forward pass tells the
/// observer, if there is one and it wants this pass, what went in and what came out before the bias was added (the bias
/// does not change the gradient). Without an observer nothing is captured, copied or computed.
/// </summary>
public interface ICurvatureLayer
{
    /// <summary>Who watches; set by a preconditioner.</summary>
    ICurvatureObserver? Observer { get; set; }

    /// <summary>The weight that the curvature belongs to.</summary>
    Parameter Weight { get; }

    /// <summary>Added to the output, or null.</summary>
    Parameter? Bias { get; }
}

/// <summary>Watches forward passes of curvature layers.</summary>
public interface ICurvatureObserver
{
    /// <summary>True while statistics are wanted: layers ask before they call.</summary>
    bool IsCapturing { get; }

    /// <summary>One forward pass of a layer. The gradient of the output arrives through <see cref="Variable.OnGradient(Action{Tensor, GradientScale})"/>.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What went in: activations, images, or ids.</param>
    /// <param name="output">What came out.</param>
    void Observe(ICurvatureLayer layer, Variable input, Variable output);
}
