using Thor.Autograd.Layers;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Models;

/// <summary>Models by name, as the command line calls them.</summary>
public static class ModelRegistry
{
    private static readonly OrderedDictionary<string, Func<DataDescription, RandomStream, Layer>> s_factories = new(StringComparer.Ordinal)
    {
        ["logistic"] = static (data, random) => new Mlp([Images("logistic", data).Pixels, data.Classes], random: random),
        ["mlp"] = static (data, random) => new Mlp([Images("mlp", data).Pixels, 512, 512, data.Classes], random: random),
        ["lenet"] = static (data, random) => new LeNet(Square("lenet", data).Classes, data.Channels, data.Height, random),
        ["resnet20"] = static (data, random) => new ResNet20(Images("resnet20", data).Classes, data.Channels, random),
        ["autoencoder"] = static (data, random) => new Autoencoder(Images("autoencoder", data).Pixels, random: random),
        ["encoder"] = static (data, random) => new CharacterEncoder(Text("encoder", data).Vocabulary, data.SequenceLength, random: random),
    };

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_factories.Keys];

    /// <summary>A new float32 model on the host, of the right size for the data.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="data">What the model will see.</param>
    /// <param name="random">Where initial values come from.</param>
    /// <exception cref="ArgumentException">There is no such model, or it is not made for such data.</exception>
    public static Layer Create(string name, DataDescription data, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(random);
        return s_factories.TryGetValue(name, out Func<DataDescription, RandomStream, Layer>? factory)
            ? factory(data, random)
            : throw new ArgumentException($"There is no model '{name}'. Known models: {string.Join(", ", Names)}.", nameof(name));
    }

    private static DataDescription Images(string name, DataDescription data) =>
        data.HasImages ? data : throw new ArgumentException($"Model '{name}' needs images with classes, got {data}.", nameof(data));

    private static DataDescription Square(string name, DataDescription data) =>
        Images(name, data).Height == data.Width ? data : throw new ArgumentException($"Model '{name}' needs square images, got {data}.", nameof(data));

    private static DataDescription Text(string name, DataDescription data) =>
        data.HasText ? data : throw new ArgumentException($"Model '{name}' needs text with a vocabulary and a sequence length, got {data}.", nameof(data));
}
