using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Layers;

/// <summary>
/// Scaled dot-product attention with several heads (Vaswani et al. 2017), batch first: input and output (n, positions, width).
/// State as torch's: in_proj_weight (3 width, width) with the rows of queries, keys and values in this order, in_proj_bias,
/// out_proj.weight, out_proj.bias.
/// </summary>
/// <remarks>
/// Both projections are <see cref="Linear"/> layers, so their curvature is observed like that of any other. Attention to
/// another sequence runs the input projection over both sequences joined, which keeps that one observation complete.
/// </remarks>
public sealed class MultiHeadAttention : Layer
{
    /// <summary>Added to the scores of padding. Finite, so that a sequence of nothing but padding gives numbers.</summary>
    private const double Excluded = -1e30;

    private readonly int _heads;
    private readonly Linear _input;
    private readonly Linear _output;
    private readonly Dropout _dropout;

    /// <summary>An attention with torch's initialisation: Xavier-uniform input projection, default output projection, biases 0.</summary>
    /// <param name="width">Extent of the last axis; a multiple of the heads.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="dropout">Probability that an attention weight is dropped in training mode.</param>
    /// <param name="random">Where initial values and dropout masks come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public MultiHeadAttention(int width, int heads, double dropout = 0, RandomStream? random = null, DType type = DType.Float32)
    {
        if (Positive(width, nameof(width)) % Positive(heads, nameof(heads)) != 0)
        {
            throw new ArgumentException($"MultiHeadAttention: {heads} heads do not divide the width {width}.", nameof(heads));
        }

        random ??= Initializers.Default;
        _heads = heads;
        _input = Register("in_proj_", new Linear(width, 3 * width, bias: true, random, type));
        _output = Register("out_proj", new Linear(width, width, bias: true, random, type));
        _dropout = Register("dropout", new Dropout(dropout, random.Fork(random.Position)));
        Initializers.XavierUniform(_input.Weight.Value, random);
        Initializers.Zeros(_input.Bias!.Value); // both projections were made with a bias
        Initializers.Zeros(_output.Bias!.Value);
    }

    /// <summary>Attention of a sequence to itself.</summary>
    /// <param name="input">(n, positions, width).</param>
    /// <param name="padding">(n, positions), not 0 where a position is padding that nothing attends to; null for none.</param>
    /// <exception cref="ShapeException">Input or mask has another shape.</exception>
    public Variable Forward(Variable input, Tensor? padding)
    {
        Check(input, nameof(input));
        return Attend(_input.Forward(input), input.Shape[1], 0, padding);
    }

    /// <summary>Attention of one sequence to another, from which keys and values both come.</summary>
    /// <param name="query">(n, positions, width).</param>
    /// <param name="memory">(n, memory positions, width).</param>
    /// <param name="padding">(n, memory positions), not 0 where a position of the memory is padding; null for none.</param>
    /// <returns>(n, positions, width).</returns>
    /// <exception cref="ShapeException">An operand has another shape.</exception>
    public Variable Forward(Variable query, Variable memory, Tensor? padding = null)
    {
        Check(query, nameof(query));
        Check(memory, nameof(memory));
        if (query.Shape[0] != memory.Shape[0])
        {
            throw new ShapeException($"MultiHeadAttention: query {query.Shape} and memory {memory.Shape} differ in the batch");
        }

        int positions = query.Shape[1];
        return Attend(_input.Forward(Variable.Concatenate([query, memory], 1)), positions, positions, padding);
    }

    /// <inheritdoc/>
    protected override Variable Run(Variable input) => Forward(input, padding: null);

    /// <summary>Queries are the first positions of the projection, keys and values those from <paramref name="memoryStart"/> on.</summary>
    private Variable Attend(Variable projection, int queries, int memoryStart, Tensor? padding)
    {
        int batch = projection.Shape[0];
        int memory = projection.Shape[1] - memoryStart;
        Tensor? exclusion = padding is null ? null : Exclusion(padding, batch, memory, projection.DType);
        Tensor? mask = _dropout.Mask([batch, _heads, queries, memory], projection.Value);
        return _output.Forward(new HeadAttention(_heads, queries, memoryStart, exclusion, mask).Apply(projection));
    }

    private static Tensor Exclusion(Tensor padding, int batch, int memory, DType type)
    {
        if (padding.Shape != new Shape(batch, memory))
        {
            throw new ShapeException($"MultiHeadAttention: the padding mask must be [{batch}, {memory}], got {padding.Shape}");
        }

        Tensor zero = Tensor.Zeros(Shape.Scalar, type, padding.Device);
        Tensor excluded = Tensor.Full(Shape.Scalar, Excluded, type, padding.Device);
        return Tensor.Where(padding.Cast(type), excluded, zero).Reshape(batch, 1, 1, memory);
    }

    private void Check(Variable sequence, string name)
    {
        if (sequence.Shape.Rank != 3 || sequence.Shape[2] != _input.Inputs)
        {
            throw new ShapeException($"MultiHeadAttention: {name} must be (n, positions, {_input.Inputs}), got {sequence.Shape}");
        }
    }
}
