using Thor.Engine;

namespace Thor.Autograd.Training;

/// <summary>
/// Losses of steps that have not been read yet. Reading one waits for its device, so on devices with a queue several steps' losses are
/// kept in a tensor there and read together; on the host every loss is read at once.
/// </summary>
internal sealed class LossBuffer : IDisposable
{
    /// <summary>Steps whose losses are read together on devices with a queue.</summary>
    public const int QueuedSteps = 10;

    private Tensor? _values;

    /// <summary>Losses that wait to be read.</summary>
    public int Count { get; private set; }

    /// <summary>No further loss fits: read them now.</summary>
    public bool IsFull => _values is not null && Count == _values.Length;

    /// <summary>Keeps a loss of one element.</summary>
    public void Add(Tensor loss)
    {
        _values ??= Tensor.Empty([loss.Device.IsHost ? 1 : QueuedSteps], loss.DType, loss.Device).Persist();
        _values.Slice(0, Count, 1).CopyFrom(loss.Reshape(1));
        Count++;
    }

    /// <summary>Reads what waits, in order. Waits for the device.</summary>
    public double[] Read()
    {
        if (_values is null || Count == 0)
        {
            return [];
        }

        Tensor waiting = _values.Slice(0, 0, Count);
        Count = 0;
        return waiting.DType == DType.Float32 ? Array.ConvertAll(waiting.ToArray<float>(), static loss => (double)loss) : waiting.ToArray<double>();
    }

    /// <inheritdoc/>
    public void Dispose() => _values?.Dispose();
}
