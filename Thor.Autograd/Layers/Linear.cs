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

        Variable rows = shape.Rank == 1 ? input.Unsqueeze(0) : input;
        Variable output = rows.MatMul(Weight.Transpose(), Bias);
        return shape.Rank == 1 ? output.Squeeze(0) : output;
    }
}
