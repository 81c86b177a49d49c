namespace Thor.Engine;

/// <content>Softmax, cross-entropy and normalisation. Gradients here are first-order: autograd decides when they may be used.</content>
public sealed partial class Tensor
{
    /// <summary>Softmax over the last axis: positive, each row sums to 1.</summary>
    public Tensor Softmax()
    {
        Tensor y = OutputOfRows("Softmax", out Tensor rows);
        Backend.Softmax(rows, y.Rows());
        return y;
    }

    /// <summary>Logarithm of the softmax over the last axis.</summary>
    public Tensor LogSoftmax()
    {
        Tensor y = OutputOfRows("LogSoftmax", out Tensor rows);
        Backend.LogSoftmax(rows, y.Rows());
        return y;
    }

    /// <summary>dx = y (g - sum(g y)) along the last axis, for y = softmax(x).</summary>
    public static Tensor SoftmaxGradient(Tensor y, Tensor gradient)
    {
        RequireSameForm("SoftmaxGradient", y, gradient);
        Tensor dx = y.OutputOfRows("SoftmaxGradient", out Tensor rows);
        y.Backend.SoftmaxGradient(rows, gradient.Rows(), dx.Rows());
        return dx;
    }

    /// <summary>dx = g - exp(y) sum(g) along the last axis, for y = log softmax(x).</summary>
    public static Tensor LogSoftmaxGradient(Tensor y, Tensor gradient)
    {
        RequireSameForm("LogSoftmaxGradient", y, gradient);
        Tensor dx = y.OutputOfRows("LogSoftmaxGradient", out Tensor rows);
        y.Backend.LogSoftmaxGradient(rows, gradient.Rows(), dx.Rows());
        return dx;
    }

    /// <summary>
    /// Losses (n) of logits (n, classes) against Int32 labels (n): log-sum-exp - (1 - s) logit of the label - s mean of the
    /// logits, with s the smoothing; 0 where the label is the ignored one.
    /// </summary>
    /// <param name="labels">One class per row.</param>
    /// <param name="smoothing">Share of the target spread evenly over all classes, in [0, 1].</param>
    /// <param name="ignoredLabel">Rows with this label do not count.</param>
    /// <param name="logNormalizers">The log-sum-exp of each row (n), for <see cref="CrossEntropyGradient"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another label is outside [0, classes).</exception>
    public Tensor CrossEntropy(Tensor labels, double smoothing, int ignoredLabel, out Tensor logNormalizers)
    {
        RequireLabels("CrossEntropy", labels, smoothing);
        int n = Shape.Extents[0];
        Tensor losses = EmptyLike([n]);
        logNormalizers = EmptyLike([n]);
        Backend.CrossEntropy(Contiguous(), labels.Contiguous(), smoothing, ignoredLabel, losses, logNormalizers);
        return losses;
    }

    /// <summary>dlogits[i, :] = rowGradient[i] (softmax(logits[i, :]) - target[i, :]); 0 where the label is ignored.</summary>
    public Tensor CrossEntropyGradient(Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient)
    {
        RequireLabels("CrossEntropyGradient", labels, smoothing);
        int n = Shape.Extents[0];
        RequireVector("CrossEntropyGradient", "logNormalizers", logNormalizers, n, this);
        RequireVector("CrossEntropyGradient", "rowGradient", rowGradient, n, this);
        Tensor gradient = EmptyLike(Shape);
        Backend.CrossEntropyGradient(
            Contiguous(), labels.Contiguous(), smoothing, ignoredLabel, logNormalizers.Contiguous(), rowGradient.Contiguous(), gradient);
        return gradient;
    }

    /// <summary>
    /// Normalises over all axes but 1 with the batch's own statistics: weight (x - mean) * inverseDeviation + bias, with
    /// inverseDeviation = 1 / sqrt(biased variance + epsilon). Weight, bias and the statistics are (channels).
    /// </summary>
    /// <exception cref="ShapeException">Operands do not fit, or there is nothing to take a mean of.</exception>
    public Tensor BatchNorm(Tensor weight, Tensor bias, double epsilon, out Tensor mean, out Tensor inverseDeviation)
    {
        int channels = RequireChannels("BatchNorm", weight, "weight", bias, "bias");
        if (Length == 0)
        {
            ShapeException.Throw("BatchNorm", $"{Shape} has no elements to take the mean of");
        }

        Tensor y = EmptyLike(Shape);
        mean = EmptyLike([channels]);
        inverseDeviation = EmptyLike([channels]);
        Backend.BatchNorm(Contiguous(), weight.Contiguous(), bias.Contiguous(), epsilon, y, mean, inverseDeviation);
        return y;
    }

    /// <summary>First-order gradients of <see cref="BatchNorm"/>, for this input and its statistics.</summary>
    /// <param name="gradient">Gradient of the result.</param>
    /// <param name="weight">The weight that was used.</param>
    /// <param name="mean">As BatchNorm gave it.</param>
    /// <param name="inverseDeviation">As BatchNorm gave it.</param>
    /// <param name="overwrite">Writes the gradient of the input over the gradient of the result, which is then contiguous and returned.</param>
    public (Tensor Input, Tensor Weight, Tensor Bias) BatchNormGradient(
        Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, bool overwrite = false)
    {
        RequireSameForm("BatchNormGradient", this, gradient);
        int channels = RequireChannels("BatchNormGradient", weight, "weight", mean, "mean");
        RequireVector("BatchNormGradient", "inverseDeviation", inverseDeviation, channels, this);
        Tensor dx = GradientTarget("BatchNormGradient", gradient, overwrite);
        Tensor dWeight = EmptyLike([channels]);
        Tensor dBias = EmptyLike([channels]);
        Backend.BatchNormGradient(
            Contiguous(), gradient.Contiguous(), weight.Contiguous(), mean.Contiguous(), inverseDeviation.Contiguous(), dx, dWeight, dBias);
        return (dx, dWeight, dBias);
    }

    /// <summary>x * scale + shift with one scale and one shift per channel (axis 1).</summary>
    public Tensor ChannelAffine(Tensor scale, Tensor shift)
    {
        RequireChannels("ChannelAffine", scale, "scale", shift, "shift");
        Tensor y = EmptyLike(Shape);
        Backend.ChannelAffine(Contiguous(), scale.Contiguous(), shift.Contiguous(), y);
        return y;
    }

    /// <summary>
    /// Normalises along the last axis with the row's own statistics: weight (x - mean) * inverseDeviation + bias. Weight and
    /// bias are (n), the statistics (rows) where rows is the number of elements of all other axes.
    /// </summary>
    /// <exception cref="ShapeException">Operands do not fit, or rows are empty.</exception>
    public Tensor LayerNorm(Tensor weight, Tensor bias, double epsilon, out Tensor mean, out Tensor inverseDeviation)
    {
        Tensor y = OutputOfRows("LayerNorm", out Tensor rows);
        int n = rows.Shape.Extents[1];
        RequireVector("LayerNorm", "weight", weight, n, this);
        RequireVector("LayerNorm", "bias", bias, n, this);
        if (n == 0)
        {
            ShapeException.Throw("LayerNorm", $"{Shape} has no elements along the last axis");
        }

        mean = EmptyLike([rows.Shape.Extents[0]]);
        inverseDeviation = EmptyLike([rows.Shape.Extents[0]]);
        Backend.LayerNorm(rows, weight.Contiguous(), bias.Contiguous(), epsilon, y.Rows(), mean, inverseDeviation);
        return y;
    }

    /// <summary>First-order gradients of <see cref="LayerNorm"/>, for this input and its statistics.</summary>
    /// <param name="gradient">Gradient of the result.</param>
    /// <param name="weight">The weight that was used.</param>
    /// <param name="mean">As LayerNorm gave it.</param>
    /// <param name="inverseDeviation">As LayerNorm gave it.</param>
    /// <param name="overwrite">Writes the gradient of the input over the gradient of the result, which is then contiguous and returned.</param>
    public (Tensor Input, Tensor Weight, Tensor Bias) LayerNormGradient(
        Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, bool overwrite = false)
    {
        RequireSameForm("LayerNormGradient", this, gradient);
        RequireFloating("LayerNormGradient", this);
        RequireAxes("LayerNormGradient", this, 1);
        Tensor rows = Rows();
        int n = rows.Shape.Extents[1];
        RequireVector("LayerNormGradient", "weight", weight, n, this);
        RequireVector("LayerNormGradient", "mean", mean, rows.Shape.Extents[0], this);
        RequireVector("LayerNormGradient", "inverseDeviation", inverseDeviation, rows.Shape.Extents[0], this);
        Tensor dx = GradientTarget("LayerNormGradient", gradient, overwrite);
        Tensor dWeight = EmptyLike([n]);
        Tensor dBias = EmptyLike([n]);
        Backend.LayerNormGradient(
            rows, gradient.Rows(), weight.Contiguous(), mean.Contiguous(), inverseDeviation.Contiguous(), dx.Rows(), dWeight, dBias);
        return (dx, dWeight, dBias);
    }

    private Tensor GradientTarget(string operation, Tensor gradient, bool overwrite)
    {
        if (!overwrite)
        {
            return EmptyLike(Shape);
        }

        if (!gradient.IsContiguous)
        {
            ShapeException.Throw(operation, $"only a contiguous gradient can be written over, {gradient.Shape} is a view");
        }

        return gradient;
    }

    private Tensor OutputOfRows(string operation, out Tensor rows)
    {
        RequireFloating(operation, this);
        RequireAxes(operation, this, 1);
        rows = Rows();
        return EmptyLike(Shape);
    }

    private void RequireLabels(string operation, Tensor labels, double smoothing)
    {
        RequireFloating(operation, this);
        RequireIds(operation, labels, this);
        if (Rank != 2 || labels.Rank != 1 || labels.Shape.Extents[0] != Shape.Extents[0])
        {
            ShapeException.Throw(operation, $"needs logits (n, classes) and labels (n), got {Shape} and {labels.Shape}");
        }

        if (!(smoothing >= 0 && smoothing <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Label smoothing must be within [0, 1].");
        }
    }

    private int RequireChannels(string operation, Tensor first, string firstName, Tensor second, string secondName)
    {
        RequireFloating(operation, this);
        RequireAxes(operation, this, 2);
        int channels = Shape.Extents[1];
        RequireVector(operation, firstName, first, channels, this);
        RequireVector(operation, secondName, second, channels, this);
        return channels;
    }
}
