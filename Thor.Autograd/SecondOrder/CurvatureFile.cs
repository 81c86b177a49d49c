using System.Globalization;
using Thor.Engine;
using Thor.Engine.Formats;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>Factors and inverses on disk, apart from any run: to look at, or to begin another run with.</summary>
/// <remarks>
/// A safetensors file. For each factor, in the model's order, <c>NAME.A</c> or <c>NAME.G</c> (with the number of the group for grouped
/// convolutions) holds the statistics without damping and <c>NAME.A.inverse</c> the damped inverse, as F32 or F64 vectors of packed tiles: the
/// diagonal tiles one behind the other, each row-major without gaps, all of the tile size but the last, which has the rows that are left. The metadata
/// entry <c>NAME.A</c> says how: <c>DIMENSION/TILE</c>. <c>NAME.layer</c> (I32) holds the batch size and the output positions of the layer when
/// the factors were formed, and how often that had happened. The metadata entry <c>format</c> is <c>thor-curvature-1</c>.
/// </remarks>
public static class CurvatureFile
{
    private const string FormatKey = "format";
    private const string Format = "thor-curvature-1";

    /// <summary>Writes the factors and inverses of all layers; the file appears complete or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, KroneckerPreconditioner curvature)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        using TensorScope scope = TensorScope.Begin();
        Safetensors.Save(path, Contents(curvature), [KeyValuePair.Create(FormatKey, Format), .. Layouts(curvature)]);
    }

    /// <summary>
    /// Reads factors and inverses into a preconditioner of a model with the same layers, dimensions and tile size. They are used from the next
    /// step on, until they are refreshed; steps and schedules stay where they are.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no such file, or of other layers, dimensions or tiles; nothing was changed.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static void Load(string path, KroneckerPreconditioner curvature)
    {
        ArgumentNullException.ThrowIfNull(curvature);
        using TensorScope scope = TensorScope.Begin();
        TensorArchive archive = Safetensors.Load(path);
        if (archive.Metadata.GetValueOrDefault(FormatKey, "missing") is string format && format != Format)
        {
            throw new InvalidDataException($"{path} is not a file of curvature: its metadata entry '{FormatKey}' must be '{Format}', it is '{format}'.");
        }

        foreach ((string name, string layout) in Layouts(curvature))
        {
            if (archive.Metadata.TryGetValue(name, out string? found) && found != layout)
            {
                throw new InvalidDataException($"{path} does not fit this model: {name} is cut {found}, expected {layout} (dimension / tile). Nothing was loaded.");
            }
        }

        StateDict contents = Contents(curvature);
        try
        {
            new StateDict(archive.Tensors).CopyTo(contents, nameof(KroneckerPreconditioner), strict: true);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{path} does not fit this model: {exception.Message}", exception);
        }

        curvature.KeepHeld();
        foreach (LayerCurvature layer in curvature.Layers)
        {
            ReadOnlySpan<int> numbers = contents[LayerKey(layer)].AsSpan<int>();
            layer.Restore(numbers[2], numbers[0], numbers[1]);
            foreach (KroneckerFactor factor in layer.Factors)
            {
                factor.SetInverses(numbers[2] > 0);
            }
        }
    }

    private static StateDict Contents(KroneckerPreconditioner curvature)
    {
        curvature.Settle();
        StateDict contents = new();
        foreach (LayerCurvature layer in curvature.Layers)
        {
            contents.Add(LayerKey(layer), Tensor.From(layer.BatchSize, layer.Positions, checked((int)layer.Refreshes)));
            foreach (KroneckerFactor factor in layer.Factors)
            {
                contents.Add(factor.Name, factor.Tiles);
                contents.Add($"{factor.Name}.inverse", factor.Inverse);
            }
        }

        return contents;
    }

    private static IEnumerable<KeyValuePair<string, string>> Layouts(KroneckerPreconditioner curvature) =>
        curvature.Layers.SelectMany(static layer => layer.Factors)
            .Select(static factor => KeyValuePair.Create(factor.Name, string.Create(CultureInfo.InvariantCulture, $"{factor.Dimension}/{factor.TileSize}")));

    private static string LayerKey(LayerCurvature layer) => $"{layer.Name}.layer";
}
