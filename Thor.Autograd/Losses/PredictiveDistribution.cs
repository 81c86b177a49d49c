using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Autograd.Losses;

/// <summary>
/// What a model predicts with its outputs, in the sense of a loss. Second-order statistics draw labels from it (Monte-Carlo Fisher) or take its
/// Hessian apart (generalised Gauss-Newton); neither depends on the true labels.
/// </summary>
/// <remarks>
/// With H the Hessian of the loss of one sample in that sample's outputs: gradients of <see cref="Sample"/> have mean 0 and covariance H, and
/// the columns of <see cref="RootColumn"/> are those of an S with S S^T = H. For classes H = diag(p) - p p^T and
/// S = diag(sqrt p) - p sqrt(p)^T; for binary cross-entropy H = diag(p (1 - p)); for squared error H = 2 I. All are times the weight.
/// </remarks>
public sealed class PredictiveDistribution
{
    private readonly double _weight;
    private readonly Func<Tensor>? _rowWeights;

    private PredictiveDistribution(OutputDistribution family, Variable outputs, double weight, Func<Tensor>? rowWeights)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (!(weight > 0 && double.IsFinite(weight)))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "The weight of an output in the loss of its sample must be above 0 and finite.");
        }

        if (outputs.Shape.Rank == 0 || outputs.Shape.Length == 0)
        {
            throw new ShapeException($"A predictive distribution needs outputs (samples, ...) with elements, got {outputs.Shape}");
        }

        Family = family;
        Outputs = outputs;
        _weight = weight;
        _rowWeights = rowWeights;
    }

    /// <summary>The family.</summary>
    public OutputDistribution Family { get; }

    /// <summary>The model's outputs (samples, ...).</summary>
    public Variable Outputs { get; }

    /// <summary>Columns of the root of the Hessian: the outputs of one sample.</summary>
    public int Columns => checked((int)(Outputs.Shape.Length / Outputs.Shape[0]));

    /// <summary>Classes with probabilities softmax(logits), at each position on its own.</summary>
    /// <param name="logits">(samples, ..., classes).</param>
    /// <param name="weight">What the cross-entropy of a position is multiplied by in the loss of its sample; 1 / positions for a mean over them.</param>
    /// <exception cref="ShapeException">There are no outputs.</exception>
    public static PredictiveDistribution Categorical(Variable logits, double weight = 1) => new(OutputDistribution.Categorical, logits, weight, null);

    /// <summary>0 or 1 with probability sigmoid(logit), each element on its own.</summary>
    /// <param name="logits">(samples, ...).</param>
    /// <param name="weight">What the cross-entropy of an element is multiplied by in the loss of its sample.</param>
    /// <exception cref="ShapeException">There are no outputs.</exception>
    public static PredictiveDistribution Bernoulli(Variable logits, double weight = 1) => new(OutputDistribution.Bernoulli, logits, weight, null);

    /// <summary>Normal distributions around the outputs, for the loss weight * (output - target)^2.</summary>
    /// <param name="means">(samples, ...); outputs less targets do as well.</param>
    /// <param name="weight">What the squared error of an element is multiplied by in the loss of its sample; 1/2 makes H the identity.</param>
    /// <exception cref="ShapeException">There are no outputs.</exception>
    public static PredictiveDistribution Gaussian(Variable means, double weight = 1) => new(OutputDistribution.Gaussian, means, weight, null);

    /// <summary>The gradient of each sample's loss in its outputs, for labels drawn from the distribution: outputs' shape, new.</summary>
    /// <param name="random">Where labels come from: one number for each output.</param>
    public Tensor Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tensor outputs = Outputs.Value.Contiguous();
        switch (Family)
        {
            case OutputDistribution.Categorical:
                // The largest of logits + Gumbel noise has the distribution of a draw from the softmax; a number 0 gives -inf, which is never the largest.
                Tensor noise = random.Uniform(outputs.Shape, outputs.DType, outputs.Device).MapInPlace(UnaryOperation.Logarithm);
                noise = (-noise).MapInPlace(UnaryOperation.Logarithm);
                Tensor labels = (outputs - noise).ArgMax();
                return Weighted(outputs.Softmax() - labels.OneHot(outputs.Shape[-1], outputs.DType));
            case OutputDistribution.Bernoulli:
                Tensor p = outputs.Map(UnaryOperation.Sigmoid);
                return Weighted(p - Tensor.Map(BinaryOperation.Greater, p, random.Uniform(outputs.Shape, outputs.DType, outputs.Device)));
            default:
                return Weighted(random.Normal(outputs.Shape, outputs.DType, outputs.Device).MapInPlace(BinaryOperation.Multiply, Math.Sqrt(2)));
        }
    }

    /// <summary>One column of the root of each sample's Hessian: outputs' shape, new.</summary>
    /// <param name="column">An output of one sample, in row-major order.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    public Tensor RootColumn(int column)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, Columns);
        Tensor outputs = Outputs.Value.Contiguous();
        Tensor root = Tensor.Zeros(outputs.Shape, outputs.DType, outputs.Device);
        int samples = outputs.Shape[0];
        if (Family == OutputDistribution.Categorical)
        {
            int classes = outputs.Shape[-1];
            Tensor own = root.Reshape(samples, -1, classes).Select(1, column / classes);
            Tensor p = outputs.Reshape(samples, -1, classes).Select(1, column / classes).Softmax();
            Tensor chosen = p.Slice(1, column % classes, 1);
            Tensor factor = chosen.Map(UnaryOperation.SquareRoot);
            own.CopyFrom(-(p * factor));
            own.Slice(1, column % classes, 1).AddInPlace(factor);
        }
        else
        {
            Tensor own = root.Reshape(samples, -1).Slice(1, column, 1);
            if (Family == OutputDistribution.Bernoulli)
            {
                Tensor p = outputs.Reshape(samples, -1).Slice(1, column, 1).Map(UnaryOperation.Sigmoid);
                own.CopyFrom((p * (1 - p)).MapInPlace(UnaryOperation.SquareRoot));
            }
            else
            {
                own.Fill(Math.Sqrt(2));
            }
        }

        return Weighted(root);
    }

    /// <summary>Classes where rows have weights of their own, which are looked at only when they are needed.</summary>
    /// <param name="logits">(samples, ..., classes).</param>
    /// <param name="rowWeights">The weight of each row, in the shape of the logits without their last axis; 0 for rows that do not count.</param>
    internal static PredictiveDistribution Categorical(Variable logits, Func<Tensor> rowWeights) =>
        new(OutputDistribution.Categorical, logits, 1, rowWeights);

    /// <summary>Times the root of the weight, which makes the covariance that of the Hessian.</summary>
    private Tensor Weighted(Tensor gradient)
    {
        if (_rowWeights is not null)
        {
            return gradient.MapInPlace(BinaryOperation.Multiply, _rowWeights().Map(UnaryOperation.SquareRoot).Unsqueeze(-1));
        }

        return _weight == 1 ? gradient : gradient.MapInPlace(BinaryOperation.Multiply, Math.Sqrt(_weight));
    }
}
