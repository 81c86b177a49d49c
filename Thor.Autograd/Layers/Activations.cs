namespace Thor.Autograd.Layers;

/// <summary>From the name of a function to the layer that computes it.</summary>
public static class Activations
{
    /// <summary>A new layer.</summary>
    public static Layer ToLayer(this Activation activation) => activation switch
    {
        Activation.Relu => new Relu(),
        Activation.Gelu => new Gelu(),
        Activation.Tanh => new Tanh(),
        Activation.Sigmoid => new Sigmoid(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, $"Known activations: {string.Join(", ", Enum.GetNames<Activation>())}."),
    };
}
