namespace Thor.Engine.Datasets;

/// <summary>Where a loader stands; with its constructor's arguments this decides every batch to come.</summary>
/// <param name="Epoch">The pass over the data, from 0.</param>
/// <param name="Batch">Batches of that epoch already handed out.</param>
public readonly record struct DataLoaderState(int Epoch, int Batch);
