namespace Thor.Autograd.SecondOrder;

/// <summary>Which of a layer's two factors.</summary>
public enum FactorSide
{
    /// <summary>A, from what goes into the layer.</summary>
    Input,

    /// <summary>G, from the gradient of what comes out.</summary>
    Output,
}
