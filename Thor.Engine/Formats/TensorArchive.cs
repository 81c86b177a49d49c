namespace Thor.Engine.Formats;

/// <summary>What a file of named tensors holds: the tensors in the order of the file, and text beside them.</summary>
/// <remarks>The tensors belong to the TensorScope in which the file was read, or to the archive where there is none.</remarks>
public sealed class TensorArchive : IDisposable
{
    /// <summary>The tensors by name, in the order of the file.</summary>
    public OrderedDictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Text by name, in the order of the file; empty where the format has none.</summary>
    public OrderedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the names there are.</exception>
    public Tensor this[string name] => Tensors.TryGetValue(name, out Tensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor '{name}'; there are: {string.Join(", ", Tensors.Keys)}.");

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
