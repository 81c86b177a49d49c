using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>
/// A small encoder in the manner of BERT (Devlin et al. 2019) for masked characters: token and learned position
/// embeddings, transformer encoder layers with GELU, logits over the vocabulary. Int32 ids (n, positions) become
/// (n, positions, vocabulary). State: token_embedding, position_embedding, norm, layers.0.self_attn, ..., head.
/// </summary>
/// <remarks>With post-norm layers the norm follows the embeddings, with pre-norm layers it follows the last layer.</remarks>
public sealed class CharacterEncoder : Layer
{
    /// <summary>Standard deviation of initial embeddings (Devlin et al. 2019).</summary>
    private const double EmbeddingDeviation = 0.02;

    private readonly bool _normFirst;
    private readonly Embedding _tokens;
    private readonly Embedding _positions;
    private readonly LayerNorm _norm;
    private readonly Dropout _dropout;
    private readonly TransformerEncoderLayer[] _layers;
    private readonly Linear _head;
    private Tensor? _order;

    /// <summary>An encoder; by default two layers of width 128 with two heads and a feed-forward network of four times the width.</summary>
    /// <param name="vocabulary">Number of ids, those of special tokens included.</param>
    /// <param name="positions">Longest sequence.</param>
    /// <param name="layers">Number of encoder layers.</param>
    /// <param name="width">Numbers per position.</param>
    /// <param name="heads">Attention heads; they divide the width.</param>
    /// <param name="dropout">Probability of dropout on the embeddings and inside the layers.</param>
    /// <param name="normFirst">Pre-norm rather than post-norm layers.</param>
    /// <param name="random">Where initial values and dropout masks come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public CharacterEncoder(
        int vocabulary,
        int positions,
        int layers = 2,
        int width = 128,
        int heads = 2,
        double dropout = 0,
        bool normFirst = false,
        RandomStream? random = null,
        DType type = DType.Float32)
    {
        random ??= Initializers.Default;
        _normFirst = normFirst;
        _tokens = Register("token_embedding", new Embedding(vocabulary, width, random, type));
        _positions = Register("position_embedding", new Embedding(positions, width, random, type));
        _norm = Register("norm", new LayerNorm(width, type: type));
        _dropout = Register("dropout", new Dropout(dropout, random.Fork(random.Position)));
        _layers = new TransformerEncoderLayer[Positive(layers, nameof(layers))];
        for (int i = 0; i < layers; i++)
        {
            _layers[i] = new TransformerEncoderLayer(width, heads, 4 * width, dropout, Activation.Gelu, normFirst, random, type);
        }

        Register("layers", new Sequential(_layers));
        _head = Register("head", new Linear(width, vocabulary, bias: true, random, type));
        Initializers.Normal(_tokens.Weight.Value, random, 0, EmbeddingDeviation);
        Initializers.Normal(_positions.Weight.Value, random, 0, EmbeddingDeviation);
    }

    /// <summary>Applies the encoder.</summary>
    /// <param name="ids">Int32 (n, positions), no longer than the longest sequence.</param>
    /// <param name="padding">(n, positions), not 0 where a position is padding that nothing attends to; null for none.</param>
    /// <exception cref="ShapeException">The ids have another rank or are longer.</exception>
    public Variable Forward(Variable ids, Tensor? padding)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int longest = _positions.Weight.Shape[0];
        if (ids.Shape.Rank != 2 || ids.Shape[1] > longest)
        {
            throw new ShapeException($"CharacterEncoder: ids must be (n, at most {longest}), got {ids.Shape}");
        }

        Variable x = _tokens.Forward(ids) + _positions.Forward(Positions(ids));
        x = _dropout.Forward(_normFirst ? x : _norm.Forward(x));
        foreach (TransformerEncoderLayer layer in _layers)
        {
            x = layer.Forward(x, padding);
        }

        return _head.Forward(_normFirst ? _norm.Forward(x) : x);
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => Forward(input, padding: null);

    /// <summary>0, 1, 2, ... for each sequence: one id per sample, so that the curvature of the position table sees samples too.</summary>
    private Tensor Positions(Variable ids)
    {
        if (_order?.Device != ids.Device)
        {
            _order?.Dispose();
            int[] order = new int[_positions.Weight.Shape[0]];
            for (int i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }

            _order = Tensor.From(order, [order.Length], ids.Device).Persist();
        }

        return _order.Slice(0, 0, ids.Shape[1]).BroadcastTo(ids.Shape).Contiguous();
    }
}
