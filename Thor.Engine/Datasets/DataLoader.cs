using System.Collections;
using Thor.Engine.RandomNumbers;

namespace Thor.Engine.Datasets;

/// <summary>
/// Cuts a part of a data set into batches. One enumeration is one epoch, or what is left of it; the next enumeration goes on with the
/// next epoch. Order, augmentation and random samples are functions of seed, epoch and sample: not of threads, device or history.
/// </summary>
public sealed class DataLoader : IEnumerable<Batch>
{
    /// <summary>The label of a position where there is nothing to predict.</summary>
    public const int NoLabel = -100;

    private DataLoaderState _state;

    /// <summary>A loader at the start of epoch 0.</summary>
    /// <param name="part">The samples.</param>
    /// <param name="batchSize">Samples in a batch; the last one of an epoch may have fewer.</param>
    /// <param name="seed">Of the order and of everything random in samples.</param>
    /// <param name="device">Where the batches go.</param>
    /// <param name="shuffle">Draws a new order every epoch; else samples come by number.</param>
    /// <param name="dropLast">Leaves out a last batch that is not full.</param>
    /// <param name="prefetch">Batches made ahead by a background thread; 0 makes each when it is asked for.</param>
    /// <param name="augmentation">How images are varied; null leaves them as they are.</param>
    /// <exception cref="ArgumentException">The batch size is not positive, the prefetch negative, or the samples cannot be augmented.</exception>
    public DataLoader(
        DatasetPart part,
        int batchSize,
        ulong seed = 0,
        Device device = default,
        bool shuffle = true,
        bool dropLast = false,
        int prefetch = 2,
        ImageAugmentation? augmentation = null)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegative(prefetch);
        if (augmentation is not null && !part.CanAugment)
        {
            throw new ArgumentException("Only images can be augmented.", nameof(augmentation));
        }

        Part = part;
        BatchSize = batchSize;
        Seed = seed;
        Device = device;
        Shuffle = shuffle;
        DropLast = dropLast;
        Prefetch = prefetch;
        Augmentation = augmentation;
        BatchesPerEpoch = dropLast ? part.Count / batchSize : (int)(((long)part.Count + batchSize - 1) / batchSize);
    }

    /// <summary>The samples.</summary>
    public DatasetPart Part { get; }

    /// <summary>Samples in a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>The seed of everything random.</summary>
    public ulong Seed { get; }

    /// <summary>Where the batches go.</summary>
    public Device Device { get; }

    /// <summary>True if every epoch has its own order.</summary>
    public bool Shuffle { get; }

    /// <summary>True if a last batch that is not full is left out.</summary>
    public bool DropLast { get; }

    /// <summary>Batches made ahead.</summary>
    public int Prefetch { get; }

    /// <summary>How images are varied.</summary>
    public ImageAugmentation? Augmentation { get; }

    /// <summary>Batches in a whole epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>
    /// The position: batches handed out so far. Inside a loop over the loader it counts the batch in hand; a loader set to it goes on with the one after.
    /// Set it between enumerations only.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    public DataLoaderState State
    {
        get => _state;
        set
        {
            if (value.Epoch < 0 || value.Batch < 0 || value.Batch > BatchesPerEpoch)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), $"Expected an epoch from 0 on and a batch from 0 to {BatchesPerEpoch}, found {value}; was the state saved with other data or another batch size?");
            }

            _state = value;
        }
    }

    /// <summary>The rest of the current epoch. The position moves to the next epoch when the enumeration comes to its end.</summary>
    public IEnumerator<Batch> GetEnumerator()
    {
        int epoch = _state.Epoch;
        int first = _state.Batch;
        int[]? order = Shuffle ? new RandomStream(Seed).Fork((ulong)epoch).Permutation(Part.Count) : null;
        Prefetcher<Batch>? ahead = Prefetch > 0 ? new(index => ToDevice(Make(index, epoch, order)), first, BatchesPerEpoch, Prefetch) : null;
        Batch? current = null;
        try
        {
            for (int index = first; index < BatchesPerEpoch; index++)
            {
                current?.Dispose();
                current = null;
                current = ahead is null ? ToDevice(Make(index, epoch, order)) : ahead.Next();
                _state = new DataLoaderState(epoch, index + 1);
                yield return current;
            }

            _state = new DataLoaderState(epoch + 1, 0);
        }
        finally
        {
            current?.Dispose();
            ahead?.Dispose();
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Makes a batch on the host.</summary>
    private Batch Make(int index, int epoch, int[]? order)
    {
        int start = index * BatchSize;
        int count = Math.Min(BatchSize, Part.Count - start);
        int[] samples = new int[count];
        for (int i = 0; i < count; i++)
        {
            samples[i] = order is null ? start + i : order[start + i];
        }

        Batch batch = new(
            Tensor.Empty([count, .. Part.InputShape], Part.InputType).Persist(), Tensor.Empty([count, .. Part.LabelShape], Part.LabelType).Persist());
        bool complete = false;
        try
        {
            Part.Fill(samples, new SampleDraw(Seed, epoch, Augmentation), batch.Inputs, batch.Labels);
            RequireClasses(batch.Labels, samples);
            complete = true;
            return batch;
        }
        finally
        {
            if (!complete)
            {
                batch.Dispose();
            }
        }
    }

    /// <summary>Copies a batch to the loader's device. On the background thread the copy is queued while earlier batches are being computed on.</summary>
    private Batch ToDevice(Batch batch)
    {
        if (Device.IsHost)
        {
            return batch;
        }

        using (batch)
        {
            return new Batch(batch.Inputs.To(Device).Persist(), batch.Labels.To(Device).Persist());
        }
    }

    private void RequireClasses(Tensor labels, int[] samples)
    {
        if (Part.Classes == 0)
        {
            return;
        }

        ReadOnlySpan<int> classes = labels.AsSpan<int>();
        for (int i = 0; i < classes.Length; i++)
        {
            if ((uint)classes[i] >= (uint)Part.Classes && classes[i] != NoLabel)
            {
                throw new InvalidDataException(
                    $"Expected labels from 0 to {Part.Classes - 1} (or {NoLabel} for none), found {classes[i]} in sample {samples[i / (classes.Length / samples.Length)]}.");
            }
        }
    }
}
