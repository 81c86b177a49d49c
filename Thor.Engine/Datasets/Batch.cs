namespace Thor.Engine.Datasets;

/// <summary>Samples side by side. A loader's batches live outside every TensorScope and go back to the pool when the next one is asked for.</summary>
public sealed class Batch : IDisposable
{
    /// <summary>A batch of inputs and labels with the same first extent; it disposes both.</summary>
    /// <exception cref="ShapeException">The first extents differ.</exception>
    public Batch(Tensor inputs, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        if (inputs.Rank == 0 || labels.Rank == 0 || inputs.Shape[0] != labels.Shape[0])
        {
            throw new ShapeException($"Batch: inputs {inputs.Shape} and labels {labels.Shape} differ in their first extents");
        }

        Inputs = inputs;
        Labels = labels;
    }

    /// <summary>(samples, input shape...).</summary>
    public Tensor Inputs { get; }

    /// <summary>(samples, label shape...).</summary>
    public Tensor Labels { get; }

    /// <summary>Number of samples.</summary>
    public int Count => Inputs.Shape[0];

    /// <summary>Gives the memory back to the pool.</summary>
    public void Dispose()
    {
        Inputs.Dispose();
        Labels.Dispose();
    }
}
