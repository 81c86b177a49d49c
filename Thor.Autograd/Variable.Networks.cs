using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd;

/// <content>Softmax, cross-entropy, embedding and dropout.</content>
public partial class Variable
{
    /// <summary>Softmax over the last axis: positive, each row sums to 1.</summary>
    public Variable Softmax() => Node.RecordByResult(
        "Softmax",
        Value.Softmax(),
        this,
        static (y, g) => Gradients.Enabled
            ? y * (g - (g * y).Sum([-1], keepAxes: true))
            : Tensor.SoftmaxGradient(y.Value, g.Value));

    /// <summary>Logarithm of the softmax over the last axis.</summary>
    public Variable LogSoftmax() => Node.RecordByResult(
        "LogSoftmax",
        Value.LogSoftmax(),
        this,
        static (y, g) => Gradients.Enabled
            ? g - (y.Exp() * g.Sum([-1], keepAxes: true))
            : Tensor.LogSoftmaxGradient(y.Value, g.Value));

    /// <summary>
    /// The cross-entropy of each row of these logits (n, classes): log-sum-exp - (1 - s) logit of the label - s mean of the logits,
    /// with s the smoothing, and 0 where the label is ignored. The result is (n).
    /// </summary>
    /// <param name="labels">Int32 classes (n).</param>
    /// <param name="smoothing">Share of the target spread evenly over all classes, in [0, 1].</param>
    /// <param name="ignoredLabel">Rows with this label do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another label is outside [0, classes), or the smoothing outside [0, 1].</exception>
    public Variable CrossEntropy(Tensor labels, double smoothing = 0, int ignoredLabel = -100)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Tensor losses = Value.CrossEntropy(labels, smoothing, ignoredLabel, out Tensor logNormalizers);
        return Node.Record("CrossEntropy", losses, this, g =>
        {
            if (!Gradients.Enabled)
            {
                return Value.CrossEntropyGradient(labels, smoothing, ignoredLabel, logNormalizers, g.Value);
            }

            (Tensor target, Tensor counts) = Targets(labels, smoothing, ignoredLabel);
            return (g * counts).Unsqueeze(1) * (Softmax() - target);
        });
    }

    /// <summary>Rows of this table (rows, width) by Int32 ids of any shape: (ids..., width).</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the table.</exception>
    public Variable Embedding(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Node.Record("Embedding", Value.Gather(ids), this, g => g.AddToRows(ids, Shape));
    }

    /// <summary>Each element 0 with probability p, else scaled by 1 / (1 - p), so that the expectation stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException">p is outside [0, 1).</exception>
    public Variable Dropout(double p, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!(p >= 0 && p < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "The probability of dropping must be within [0, 1).");
        }

        return p == 0 ? this : this * random.DropoutMask(Shape, 1 - p, DType, Device);
    }

    /// <summary>Zeros of a shape with rows of this added where the ids say: the adjoint of Embedding.</summary>
    private Variable AddToRows(Tensor ids, Shape table) => Node.Record(
        "EmbeddingGradient", Tensor.Zeros(table, DType, Device).ScatterAdd(ids, Value), this, g => g.Embedding(ids));

    /// <summary>Target distributions (n, classes), and 1 for each row that counts, 0 for ignored ones.</summary>
    private (Tensor Target, Tensor Counts) Targets(Tensor labels, double smoothing, int ignoredLabel)
    {
        int classes = Shape[1];
        Tensor target = (labels.OneHot(classes, DType) * (1 - smoothing)) + (smoothing / classes);
        Tensor ignored = Tensor.Map(Kernels.BinaryOperation.Equal, labels.Cast(DType), ignoredLabel);
        return (target, 1 - ignored);
    }
}
