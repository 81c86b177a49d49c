using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Layers;

/// <summary>
/// Self-attention and a feed-forward network, each with a residual connection and layer norm (Vaswani et al. 2017);
/// input and output (n, positions, width). State as torch's: self_attn.*, linear1.*, linear2.*, norm1.*, norm2.*.
/// </summary>
public sealed class TransformerEncoderLayer : Layer
{
    private readonly bool _normFirst;
    private readonly MultiHeadAttention _attention;
    private readonly Linear _expand;
    private readonly Linear _contract;
    private readonly LayerNorm _attentionNorm;
    private readonly LayerNorm _feedForwardNorm;
    private readonly Layer _activation;
    private readonly Dropout _dropout;

    /// <summary>A layer with torch's defaults.</summary>
    /// <param name="width">Extent of the last axis; a multiple of the heads.</param>
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="feedForward">Width inside the feed-forward network.</param>
    /// <param name="dropout">Probability of dropout, on attention weights, inside the feed-forward network and before each residual sum.</param>
    /// <param name="activation">Inside the feed-forward network.</param>
    /// <param name="normFirst">Norm before each part (pre-norm) rather than after its residual sum (post-norm).</param>
    /// <param name="random">Where initial values and dropout masks come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public TransformerEncoderLayer(
        int width,
        int heads,
        int feedForward = 2048,
        double dropout = 0.1,
        Activation activation = Activation.Relu,
        bool normFirst = false,
        RandomStream? random = null,
        DType type = DType.Float32)
    {
        random ??= Initializers.Default;
        _normFirst = normFirst;
        _attention = Register("self_attn", new MultiHeadAttention(width, heads, dropout, random, type));
        _expand = Register("linear1", new Linear(width, feedForward, bias: true, random, type));
        _contract = Register("linear2", new Linear(feedForward, width, bias: true, random, type));
        _attentionNorm = Register("norm1", new LayerNorm(width, type: type));
        _feedForwardNorm = Register("norm2", new LayerNorm(width, type: type));
        _activation = Register("activation", activation.ToLayer());
        _dropout = Register("dropout", new Dropout(dropout, random.Fork(random.Position)));
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="input">(n, positions, width).</param>
    /// <param name="padding">(n, positions), not 0 where a position is padding that nothing attends to; null for none.</param>
    public Variable Forward(Variable input, Tensor? padding)
    {
        if (_normFirst)
        {
            Variable attended = input + Attend(_attentionNorm.Forward(input), padding);
            return attended + FeedForward(_feedForwardNorm.Forward(attended));
        }

        Variable normed = _attentionNorm.Forward(input + Attend(input, padding));
        return _feedForwardNorm.Forward(normed + FeedForward(normed));
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => Forward(input, padding: null);

    private Variable Attend(Variable input, Tensor? padding) => _dropout.Forward(_attention.Forward(input, padding));

    private Variable FeedForward(Variable input)
    {
        Variable hidden = _activation.Forward(_expand.Forward(input));
        return _dropout.Forward(_contract.Forward(_dropout.Forward(hidden)));
    }
}
