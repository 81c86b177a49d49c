using Thor.Autograd.Optimizers;

namespace Thor.Bench.Runs;

/// <summary>
/// Settings used where the command line says nothing. The rival is Nesterov momentum with gradient-norm clipping. Only LeNet on
/// Fashion-MNIST was searched: rival rates 0.03, 0.06, 0.1 and 0.2 over 400 steps and 0.15 over 450, five settings of THOR over 250 and, with its rate, tiles of 128, 256 and 512,
/// judged by test accuracy. Glyphs take LeNet's rates unsearched; the other models' values are starting points, not tuned.
/// </summary>
internal static class Presets
{
    /// <summary>True if an optimizer has an option of that name.</summary>
    /// <exception cref="UsageException">There is no such optimizer.</exception>
    public static bool Knows(string optimizer, string option)
    {
        try
        {
            return OptimizerRegistry.Get(optimizer).Options.Any(o => o.Name == option);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message, exception);
        }
    }

    /// <summary>The given settings, and the presets for what they leave open.</summary>
    public static SortedDictionary<string, string> Complete(
        string model, string optimizer, IReadOnlyDictionary<string, string> given, long steps)
    {
        SortedDictionary<string, string> complete = new(StringComparer.Ordinal);
        foreach ((string name, string value) in Preset(model, optimizer, steps))
        {
            complete[name] = value;
        }

        foreach ((string name, string value) in given)
        {
            complete[name] = value;
        }

        return complete;
    }

    /// <summary>
    /// A run, with its schedule, that reached 0.95 on glyphs or 0.90 on Fashion-MNIST; none shorter was tried. Null where none is known.
    /// </summary>
    public static long? Steps(string model, string data, string optimizer) => (model, data, optimizer) switch
    {
        ("lenet", "glyphs", "thor") => 150,
        ("lenet", "glyphs", _) => 250,
        ("lenet", "fashion-mnist", "thor") => 250,
        ("lenet", "fashion-mnist", _) => 450,
        _ => null,
    };

    private static (string Name, string Value)[] Preset(string model, string optimizer, long steps) => (optimizer, model) switch
    {
        ("momentum", "autoencoder") => [("learning-rate", $"linear:0.01:0:{steps}"), ("nesterov", "true"), (RunSettings.ClipNorm, "10")],
        ("momentum", "resnet20") => [("learning-rate", $"linear:0.1:0:{steps}"), ("nesterov", "true"), (RunSettings.ClipNorm, "1")],
        ("momentum", "lenet") => [("learning-rate", $"linear:0.15:0:{steps}"), ("nesterov", "true"), (RunSettings.ClipNorm, "1")],
        ("momentum", _) => [("learning-rate", $"linear:0.05:0:{steps}"), ("nesterov", "true"), (RunSettings.ClipNorm, "1")],
        ("thor", "autoencoder") => [("learning-rate", $"linear:0.03:0:{steps}"), ("damping", "0.1"), ("kl-clip", "0.1"), ("refresh-interval", "3,15:10,60:20")],
        ("thor", "resnet20") => [("learning-rate", $"linear:0.1:0:{steps}"), ("damping", "0.1"), ("kl-clip", "0.01")],
        ("thor", "lenet") => [("learning-rate", $"linear:0.1:0:{steps}"), ("tile", "256")],
        ("thor", _) => [("learning-rate", $"linear:0.03:0:{steps}")],
        _ => [],
    };
}
