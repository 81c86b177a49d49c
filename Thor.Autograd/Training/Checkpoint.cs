using System.Globalization;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Formats;

namespace Thor.Autograd.Training;

/// <summary>
/// A run on disk: one safetensors file with the model's state under "model.", the optimizer's under "optimizer.", and the
/// positions of the model's random streams and the caller's own text in the metadata. Loading it and going on gives the same
/// bits as not having stopped.
/// </summary>
public static class Checkpoint
{
    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";
    private const string RandomPrefix = "random.";

    /// <summary>Writes the file; it appears complete or not at all.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="model">Whose parameters, buffers and random positions are saved.</param>
    /// <param name="optimizer">Whose state is saved.</param>
    /// <param name="metadata">The caller's own text; names must not start with "random.".</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Module model, Optimizer optimizer, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        IEnumerable<KeyValuePair<string, Tensor>> tensors =
            Prefixed(ModelPrefix, model.StateDict()).Concat(Prefixed(OptimizerPrefix, optimizer.StateDict()));
        List<KeyValuePair<string, string>> text = [.. metadata ?? new Dictionary<string, string>()];
        foreach ((string name, Dropout layer) in RandomLayers(model))
        {
            text.Add(KeyValuePair.Create(RandomPrefix + name, layer.Random.Position.ToString(CultureInfo.InvariantCulture)));
        }

        Safetensors.Save(path, tensors, text);
    }

    /// <summary>Reads a file into a model and an optimizer of the same make.</summary>
    /// <returns>The caller's own text.</returns>
    /// <exception cref="InvalidDataException">The file is not a whole checkpoint of this model and optimizer; the message says what differs.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Load(string path, Module model, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        using TensorArchive archive = Safetensors.Load(path);
        Dictionary<string, ulong> positions = [];
        foreach ((string name, Dropout _) in RandomLayers(model))
        {
            if (!archive.Metadata.TryGetValue(RandomPrefix + name, out string? text) || !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong position))
            {
                throw new InvalidDataException($"{path} has no position of the random stream of '{name}'; it is not a checkpoint of this model.");
            }

            positions.Add(name, position);
        }

        try
        {
            model.Load(Section(archive, ModelPrefix));
            optimizer.Load(Section(archive, OptimizerPrefix));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{path} does not fit this model and optimizer: {exception.Message}", exception);
        }

        foreach ((string name, Dropout layer) in RandomLayers(model))
        {
            layer.Random.Position = positions[name];
        }

        return archive.Metadata
            .Where(static m => !m.Key.StartsWith(RandomPrefix, StringComparison.Ordinal))
            .ToDictionary(static m => m.Key, static m => m.Value);
    }

    private static IEnumerable<KeyValuePair<string, Tensor>> Prefixed(string prefix, StateDict state) =>
        state.Select(e => KeyValuePair.Create(prefix + e.Key, e.Value));

    private static StateDict Section(TensorArchive archive, string prefix) =>
        new(archive.Tensors
            .Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(t => KeyValuePair.Create(t.Key[prefix.Length..], t.Value)));

    private static IEnumerable<(string Name, Dropout Layer)> RandomLayers(Module model) =>
        model.Modules().Where(static m => m.Value is Dropout).Select(static m => (m.Key, (Dropout)m.Value));
}
