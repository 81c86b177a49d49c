using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>
/// The deep autoencoder of Hinton and Salakhutdinov (2006) on which second-order methods are compared: widths
/// inputs-1000-500-250-30-250-500-1000-inputs, a linear code, logits out. (n, ...) is flattened to (n, inputs) and becomes
/// (n, inputs). State: encoder.0.weight, ..., decoder.6.bias.
/// </summary>
public sealed class Autoencoder : Layer
{
    private readonly Sequential _encoder;
    private readonly Sequential _decoder;

    /// <summary>A network with Xavier-uniform weights and biases 0.</summary>
    /// <param name="inputs">Numbers per sample.</param>
    /// <param name="activation">After every hidden layer but the code; the literature has sigmoid and tanh.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public Autoencoder(int inputs = 784, Activation activation = Activation.Tanh, RandomStream? random = null, DType type = DType.Float32)
    {
        random ??= Initializers.Default;
        _encoder = Register("encoder", DenseStack.Create([inputs, 1000, 500, 250, 30], activation, random, type));
        _decoder = Register("decoder", DenseStack.Create([30, 250, 500, 1000, inputs], activation, random, type));
        foreach (Parameter parameter in Parameters())
        {
            if (parameter.Shape.Rank == 2)
            {
                Initializers.XavierUniform(parameter.Value, random);
            }
            else
            {
                Initializers.Zeros(parameter.Value);
            }
        }
    }

    /// <summary>The code of each sample: (n, 30).</summary>
    public Variable Encode(Variable input) => _encoder.Forward(input.Flatten());

    /// <summary>Logits of the samples with these codes: (n, inputs).</summary>
    public Variable Decode(Variable code) => _decoder.Forward(code);

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => Decode(Encode(input));
}
