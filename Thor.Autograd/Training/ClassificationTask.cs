using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Datasets;

namespace Thor.Autograd.Training;

/// <summary>
/// Cross-entropy against integer labels, scored by the share of arg-max answers that are right. Serves image classes
/// (logits (batch, classes), labels (batch)) and masked tokens (logits (batch, positions, vocabulary), labels
/// (batch, positions) with <see cref="DataLoader.NoLabel"/> where nothing is asked).
/// </summary>
public sealed class ClassificationTask : TrainingTask
{
    private readonly double _labelSmoothing;

    /// <summary>A task with optional label smoothing, which shapes the training loss only.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not in [0, 1).</exception>
    public ClassificationTask(double labelSmoothing = 0)
    {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, "Label smoothing must be at least 0 and below 1.");
        }

        _labelSmoothing = labelSmoothing;
    }

    /// <inheritdoc/>
    public override Variable Loss(Layer model, Batch batch) =>
        CrossEntropy(model.Forward(batch.Inputs), batch.Labels, _labelSmoothing);

    /// <inheritdoc/>
    public override void Score(Layer model, Batch batch, Score score)
    {
        Variable logits = model.Forward(batch.Inputs);
        double loss = CrossEntropy(logits, batch.Labels, smoothing: 0).Value.Item();
        int[] answers = logits.Value.ArgMax().ToArray<int>();
        int[] labels = batch.Labels.ToArray<int>();
        int asked = 0;
        int hits = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] != DataLoader.NoLabel)
            {
                asked++;
                hits += answers[i] == labels[i] ? 1 : 0;
            }
        }

        score.Add(loss, asked, hits, asked);
    }

    private static Variable CrossEntropy(Variable logits, Tensor labels, double smoothing) =>
        Losses.Losses.CrossEntropy(logits, labels, smoothing, DataLoader.NoLabel);
}
