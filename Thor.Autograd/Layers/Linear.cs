using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Layers;

/// <summary>Dense layer: y = x W^T + b over the last axis; input (..., inputs), output (..., outputs). State: weight (outputs, inputs), bias (outputs).</summary>
public sealed class Linear : CurvatureLayer
{
    /// <summary>A layer with torch's default initialisation: weight and bias uniform in +-1 / sqrt(inputs).</summary>
    /// <param name="inputs">Extent of the last axis of the input.</param>
    /// <param name="outputs">Extent of the last axis of the output.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the parameters.</param>
    public Linear(int inputs, int outputs, bool bias = true, RandomStream? random = null, DType type = DType.Float32)
        : this(Initializers.DefaultWeight([Positive(outputs, nameof(outputs)), Positive(inputs, nameof(inputs))], random, type), bias, random)
    {
    }

    private Linear(Tensor weight, bool bias, RandomStream? random)
        : base(weight, bias ? Initializers.DefaultBias(weight, random) : null)
    {
        Inputs = weight.Shape[1];
        Outputs = weight.Shape[0];
    }

    /// <summary>Extent of the last axis of the input.</summary>
    public int Inputs { get; }

    /// <summary>Extent of the last axis of the output.</summary>
    public int Outputs { get; }

    private protected override Variable Apply(Variable input)
    {
        Shape shape = input.Shape;
        if (shape.Rank == 0 || shape[-1] != Inputs)
        {
            throw new ShapeException($"Linear: the last axis of the input must be {Inputs}, input {shape}, weight {Weight.Shape}");
        }

        if (shape.Rank == 2)
        {
            return Product(input);
        }

        return Product(input.Reshape(-1, Inputs)).Reshape([.. shape.Extents[..^1], Outputs]);
    }

    /// <summary>
    /// One recorded operation rather than a product with a transposed view, so that the gradient of the weight is computed
    /// in the weight's own layout.
    /// </summary>
    private Variable Product(Variable x)
    {
        Tensor value = x.Value.MatMul(Weight.Value.Transpose(), Bias?.Value);
        Variable[] operands = Bias is null ? [x, Weight] : [x, Weight, Bias];
        return Node.Record("Linear", value, operands, gradient =>
        {
            Variable? dx = x.RequiresGradient ? gradient.MatMul(Weight) : null;
            Variable dw = gradient.Transpose().MatMul(x);
            return Bias is null ? [dx, dw] : [dx, dw, gradient.Sum(0)];
        });
    }
}
