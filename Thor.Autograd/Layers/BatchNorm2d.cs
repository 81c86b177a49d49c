using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>
/// Batch normalisation of (n, channels, height, width) per channel (Ioffe and Szegedy 2015). In training mode with the
/// batch's mean and biased variance, which also move the running statistics:
/// running = (1 - momentum) running + momentum batch, the variance unbiased there, as in torch. In evaluation mode with the
/// running statistics. State: weight, bias, running_mean, running_var, each (channels), and num_batches_tracked, an Int32 scalar.
/// </summary>
public sealed class BatchNorm2d : CurvatureLayer
{
    private readonly double _momentum;
    private readonly ModuleBuffer _tracked;

    /// <summary>A layer with weight 1, bias 0, running mean 0 and running variance 1.</summary>
    /// <param name="channels">Extent of axis 1 of the input.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">Share of a batch in the running statistics.</param>
    /// <param name="type">Element type of parameters and statistics.</param>
    public BatchNorm2d(int channels, double epsilon = 1e-5, double momentum = 0.1, DType type = DType.Float32)
        : base(Tensor.Ones([Positive(channels, nameof(channels))], type), Tensor.Zeros([channels], type))
    {
        Shape shape = [channels];
        Epsilon = epsilon;
        _momentum = momentum;
        RunningMean = Register("running_mean", new ModuleBuffer(Tensor.Zeros(shape, type)));
        RunningVariance = Register("running_var", new ModuleBuffer(Tensor.Ones(shape, type)));
        _tracked = Register("num_batches_tracked", new ModuleBuffer(Tensor.Zeros(Shape.Scalar, DType.Int32)));
    }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>Mean per channel, for evaluation.</summary>
    public ModuleBuffer RunningMean { get; }

    /// <summary>Unbiased variance per channel, for evaluation.</summary>
    public ModuleBuffer RunningVariance { get; }

    /// <inheritdoc/>
    private protected override Variable Apply(Variable input)
    {
        if (input.Shape.Rank != 4 || input.Shape[1] != Weight.Shape[0])
        {
            throw new ShapeException($"BatchNorm2d: the input must be (n, {Weight.Shape[0]}, height, width), got {input.Shape}");
        }

        return Training ? Normalize(input) : Evaluate(input);
    }

    private Variable Normalize(Variable input)
    {
        long count = input.Shape.Length / input.Shape[1];
        if (count < 2)
        {
            throw new ShapeException($"BatchNorm2d: training needs more than one value per channel, got {input.Shape}");
        }

        Variable output = input.BatchNorm(Weight, Bias!, Epsilon, out Tensor mean, out Tensor inverseDeviation); // the constructor always makes a bias
        double unbiased = count / (count - 1.0);
        using Tensor square = inverseDeviation.Map(UnaryOperation.Square);
        using Tensor variance = square.Map(UnaryOperation.Reciprocal);
        variance.MapInPlace(BinaryOperation.Subtract, Epsilon);
        RunningMean.Value.MapInPlace(BinaryOperation.Multiply, 1 - _momentum).AddInPlace(mean, _momentum);
        RunningVariance.Value.MapInPlace(BinaryOperation.Multiply, 1 - _momentum).AddInPlace(variance, _momentum * unbiased);
        _tracked.Value.MapInPlace(BinaryOperation.Add, 1);
        return output;
    }

    private Variable Evaluate(Variable input)
    {
        using Tensor variance = RunningVariance.Value + Epsilon;
        Tensor inverseDeviation = variance.Map(UnaryOperation.ReciprocalSquareRoot);
        Variable scale = Weight * inverseDeviation;
        return input.ChannelAffine(scale, Bias! - (scale * RunningMean.Value)); // as above
    }
}
