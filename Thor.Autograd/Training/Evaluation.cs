using Thor.Autograd.Layers;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;

namespace Thor.Autograd.Training;

/// <summary>Scores a model on data it does not learn from.</summary>
public static class Evaluation
{
    /// <summary>One pass over the data from its start, in evaluation mode, without gradients. The model's mode is restored afterwards.</summary>
    public static Score Run(Layer model, TrainingTask task, DataLoader data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(data);
        Score score = new();
        data.State = default;
        bool training = model.Training;
        model.Eval();
        try
        {
            using Gradients.NoGradient region = Gradients.Disabled();
            foreach (Batch batch in data)
            {
                using TensorScope scope = TensorScope.Begin();
                task.Score(model, batch, score);
            }
        }
        finally
        {
            if (training)
            {
                model.Train();
            }
        }

        return score;
    }
}
