using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Datasets;

namespace Thor.Autograd.Training;

/// <summary>
/// An autoencoder's task: the model's logits against the inputs themselves, which must lie in [0, 1]; binary cross-entropy
/// summed over the elements of a sample and averaged over the batch. There is no accuracy.
/// </summary>
public sealed class ReconstructionTask : TrainingTask
{
    /// <inheritdoc/>
    public override Variable Loss(Layer model, Batch batch)
    {
        Tensor targets = batch.Inputs.Reshape(batch.Inputs.Shape[0], -1);
        return Losses.Losses.BinaryCrossEntropyWithLogits(model.Forward(targets), targets, Losses.LossReduction.SumPerSample);
    }

    /// <inheritdoc/>
    public override void Score(Layer model, Batch batch, Score score) =>
        score.Add(Loss(model, batch).Value.Item(), batch.Inputs.Shape[0]);
}
