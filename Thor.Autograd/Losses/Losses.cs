using System.Globalization;
using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Losses;

/// <summary>Functions that training minimises. Each returns a scalar.</summary>
public static class Losses
{
    /// <summary>
    /// Cross-entropy of softmax(logits) against labels: -(1 - s) log p[label] - s / classes sum(log p) of each row that is not
    /// ignored, by default the mean over them; 0 if all are.
    /// </summary>
    /// <param name="logits">(..., classes).</param>
    /// <param name="labels">Int32, the shape of the logits without their last axis.</param>
    /// <param name="smoothing">s, in [0, 1].</param>
    /// <param name="ignoredLabel">A row with this label counts for nothing.</param>
    /// <param name="reduction">How rows become one number.</param>
    /// <exception cref="ShapeException">Logits and labels do not fit together.</exception>
    /// <exception cref="ArgumentException">The labels are not Int32 or the smoothing is outside [0, 1].</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside [0, classes) and not the ignored one; the message names the row. On the host at once, on other devices when something is next read back.</exception>
    public static Variable CrossEntropy(
        Variable logits, Tensor labels, double smoothing = 0, int ignoredLabel = -100, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        if (logits.Shape.Rank == 0 || labels.Shape != new Shape(logits.Shape.Extents[..^1]))
        {
            throw new ShapeException($"CrossEntropy: labels must have the shape of the logits without their last axis, logits {logits.Shape}, labels {labels.Shape}");
        }

        if (labels.DType != DType.Int32)
        {
            throw new ArgumentException($"CrossEntropy: labels must be Int32, got {labels}.", nameof(labels));
        }

        if (!(smoothing is >= 0 and <= 1))
        {
            throw new ArgumentException($"CrossEntropy: the label smoothing must be in [0, 1], got {smoothing}.", nameof(smoothing));
        }

        int classes = logits.Shape[-1];
        int? counted = labels.Device.IsHost ? CountLabels(labels, classes, ignoredLabel) : null;
        Variable rows = logits.Shape.Rank == 2 ? logits : logits.Reshape((int)labels.Length, classes);
        Variable losses = rows.CrossEntropy(labels.Reshape((int)labels.Length), smoothing, ignoredLabel);
        PredictiveDistribution? distribution = PredictiveOf(logits, labels, ignoredLabel, counted, reduction);
        if (reduction != LossReduction.Mean)
        {
            return Sum(losses, Samples(logits.Shape), reduction, distribution);
        }

        Variable mean = counted is int count
            ? losses.Sum() * (1.0 / Math.Max(1, count))
            : losses.Sum() * ShareOfOne(labels, ignoredLabel, logits.Value.DType);
        return mean.From(new LossOrigin(Samples(logits.Shape), distribution));
    }

    /// <summary>(a - b)^2, by default the mean over all elements; the shapes are equal.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">The same shape.</param>
    /// <param name="reduction">How elements become one number.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Variable MeanSquaredError(Variable a, Variable b, LossReduction reduction = LossReduction.Mean)
    {
        RequireSameShape("MeanSquaredError", a, b);
        Variable difference = a - b;
        return Reduce(difference.Square(), reduction, difference, OutputDistribution.Gaussian);
    }

    /// <summary>
    /// -z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)) for logits x and targets z in [0, 1], computed as
    /// softplus(x) - x z, which does not overflow.
    /// </summary>
    /// <param name="logits">Any shape.</param>
    /// <param name="targets">The same shape.</param>
    /// <param name="reduction">How elements become one number.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Variable BinaryCrossEntropyWithLogits(Variable logits, Variable targets, LossReduction reduction = LossReduction.Mean)
    {
        RequireSameShape("BinaryCrossEntropyWithLogits", logits, targets);
        return Reduce(logits.Softplus() - (logits * targets), reduction, logits, OutputDistribution.Bernoulli);
    }

    /// <summary>One number of the losses of all elements, which knows the distribution that it is the likelihood of.</summary>
    private static Variable Reduce(Variable losses, LossReduction reduction, Variable outputs, OutputDistribution family)
    {
        int samples = Samples(losses.Shape);
        double weight = reduction == LossReduction.Mean ? samples / (double)Math.Max(1, losses.Shape.Length) : 1;
        PredictiveDistribution? distribution = outputs.Shape.Rank == 0 || outputs.Shape.Length == 0 ? null
            : family == OutputDistribution.Bernoulli ? PredictiveDistribution.Bernoulli(outputs, weight)
            : PredictiveDistribution.Gaussian(outputs, weight);
        return reduction == LossReduction.Mean
            ? losses.Mean().From(new LossOrigin(samples, distribution))
            : Sum(losses, samples, reduction, distribution);
    }

    /// <summary>The sum over everything, for a mean over samples divided by their number.</summary>
    private static Variable Sum(Variable losses, int samples, LossReduction reduction, PredictiveDistribution? distribution) => reduction switch
    {
        LossReduction.SumPerSample => (losses.Sum() * (1.0 / samples)).From(new LossOrigin(samples, distribution)),
        LossReduction.Sum => losses.Sum().From(new LossOrigin(1, distribution)),
        _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, $"Known reductions: {string.Join(", ", Enum.GetNames<LossReduction>())}."),
    };

    /// <summary>What the logits predict, each row with its weight in the loss of its sample.</summary>
    private static PredictiveDistribution? PredictiveOf(Variable logits, Tensor labels, int ignoredLabel, int? counted, LossReduction reduction)
    {
        if (logits.Shape.Length == 0)
        {
            return null;
        }

        double samples = Samples(logits.Shape);
        if (counted is int count && count == labels.Length)
        {
            return PredictiveDistribution.Categorical(logits, reduction == LossReduction.Mean ? samples / count : 1);
        }

        DType type = logits.DType;
        return PredictiveDistribution.Categorical(logits, () =>
        {
            Tensor counts = 1 - Tensor.Map(BinaryOperation.Equal, labels, ignoredLabel).Cast(type);
            return reduction == LossReduction.Mean ? counts * (ShareOfOne(labels, ignoredLabel, type) * samples) : counts;
        });
    }

    private static int Samples(Shape shape) => shape.Rank == 0 ? 1 : Math.Max(1, shape[0]);

    /// <summary>1 / the number of labels that are not ignored, or 1 if all are: on the labels' device, without waiting for it.</summary>
    private static Tensor ShareOfOne(Tensor labels, int ignoredLabel, DType type)
    {
        Tensor counted = (int)labels.Length - Tensor.Map(BinaryOperation.Equal, labels, ignoredLabel).Sum();
        return Tensor.Map(BinaryOperation.Maximum, counted, 1).Cast(type).Map(UnaryOperation.Reciprocal);
    }

    /// <summary>Checks every label of the host and counts those that are not ignored; other devices check while they compute.</summary>
    private static int CountLabels(Tensor labels, int classes, int ignoredLabel)
    {
        ReadOnlySpan<int> values = labels.IsContiguous ? labels.AsSpan<int>() : labels.ToArray<int>();
        int counted = 0;
        for (int row = 0; row < values.Length; row++)
        {
            int label = values[row];
            if (label == ignoredLabel)
            {
                continue;
            }

            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), string.Create(
                    CultureInfo.InvariantCulture, $"CrossEntropy: label {label} of row {row} is outside [0, {classes}) and not the ignored label {ignoredLabel}."));
            }

            counted++;
        }

        return counted;
    }

    private static void RequireSameShape(string operation, Variable a, Variable b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Shape != b.Shape)
        {
            throw new ShapeException($"{operation}: shapes differ, {a.Shape} and {b.Shape}");
        }
    }
}
