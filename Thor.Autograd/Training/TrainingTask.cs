using Thor.Autograd.Layers;
using Thor.Engine.Datasets;

namespace Thor.Autograd.Training;

/// <summary>What a model is trained to do: how a batch becomes a loss, and how an answer is scored.</summary>
public abstract class TrainingTask
{
    /// <summary>Mean loss of a batch; a scalar to differentiate.</summary>
    public abstract Variable Loss(Layer model, Batch batch);

    /// <summary>Adds one batch to a score, without recording gradients.</summary>
    public abstract void Score(Layer model, Batch batch, Score score);
}
