namespace Thor.Autograd.SecondOrder;

/// <summary>What becomes of a layer's curvature at an opportunity to refresh it.</summary>
public enum RefreshDecision
{
    /// <summary>Computed afresh and inverted.</summary>
    Refresh,

    /// <summary>What is held stays; the layer is asked again at the next opportunity.</summary>
    Keep,

    /// <summary>What is held stays for good; the layer is not looked at any more.</summary>
    Stop,
}
