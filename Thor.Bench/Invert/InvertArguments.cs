using System.Globalization;
using Thor.Bench.Runs;
using Thor.Kernels;
using Thor.Kernels.Accelerators;

namespace Thor.Bench.Invert;

/// <summary>Turns the words of the command line into settings, or says which of them is wrong.</summary>
internal static class InvertArguments
{
    /// <summary>Stands for one thread per processor, or for every device.</summary>
    public const string All = "all";

    private const double LongestSeconds = 600;
    private const double ShortestSeconds = 0.001;

    /// <summary>The primitive of a name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static TilePrimitive Primitive(string name) => name switch
    {
        "inverse" => TilePrimitive.Inverse,
        "covariance" => TilePrimitive.Covariance,
        "precondition" => TilePrimitive.Precondition,
        _ => throw new UsageException($"--primitive: there is no primitive '{name}'; expected inverse, covariance or precondition."),
    };

    /// <summary>What covariance may round X to, separated by commas.</summary>
    /// <param name="text">Names of precisions.</param>
    /// <param name="primitive">What is measured.</param>
    /// <exception cref="UsageException">One is unknown, or the primitive rounds nothing.</exception>
    public static IReadOnlyList<MatMulPrecision> Precisions(string text, TilePrimitive primitive)
    {
        List<MatMulPrecision> precisions = [.. Words("--precision", text).Select(static word => Runs.Precisions.Parse("--precision", word))];
        return primitive == TilePrimitive.Covariance || precisions is [MatMulPrecision.Float32]
            ? precisions
            : throw new UsageException($"--precision: covariance alone works in other precisions than float32, not '{text}'.");
    }

    /// <summary>Tile dimensions, separated by commas.</summary>
    /// <exception cref="UsageException">One is not a number from 1 to <see cref="TileLayout.MaximumDimension"/>.</exception>
    public static IReadOnlyList<int> Dimensions(string text) =>
        Numbers("--dimensions", text, TileLayout.MaximumDimension, "the largest tile dimension");

    /// <summary>Numbers of tiles, separated by commas.</summary>
    /// <exception cref="UsageException">One is not a number from 1 on.</exception>
    public static IReadOnlyList<int> Batches(string text) => Numbers("--batch", text, int.MaxValue, "the largest number of tiles");

    /// <summary>Numbers of threads or "all", separated by commas.</summary>
    /// <exception cref="UsageException">One is not a number from 1 to the number of processors.</exception>
    public static IReadOnlyList<int> Threads(string text)
    {
        string all = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        IEnumerable<string> words = Words("--threads", text).Select(word => word == All ? all : word);
        return Numbers("--threads", string.Join(',', words), Environment.ProcessorCount, "the number of processors");
    }

    /// <summary>Names of peers, separated by commas; "none" for none.</summary>
    /// <exception cref="UsageException">One is unknown.</exception>
    public static IReadOnlyList<string> Peers(string text)
    {
        if (text == "none")
        {
            return [];
        }

        IReadOnlyList<string> names = Words("--against", text);
        foreach (string name in names)
        {
            if (!TilePeers.Names.Contains(name))
            {
                throw new UsageException($"--against: there is no peer '{name}'; expected none, or some of {string.Join(", ", TilePeers.Names)}.");
            }
        }

        return names;
    }

    /// <summary>Names of devices that are there.</summary>
    /// <param name="text">Names separated by commas, or "all": the host and every accelerator found but cpu, which is a debugger.</param>
    /// <exception cref="UsageException">One is not there.</exception>
    public static IReadOnlyList<string> Devices(string text)
    {
        if (text == All)
        {
            IEnumerable<string> found = Accelerator.Discover()
                .Where(static device => device.Properties is not null && device.Name != TileCaps.Debugger)
                .Select(static device => device.Name);
            return ["host", .. found];
        }

        List<string> names = [];
        foreach (string word in Words("--device", text))
        {
            names.Add(word == "host" ? word : NameOf(word));
        }

        return names;
    }

    /// <summary>The time for one cell.</summary>
    /// <exception cref="UsageException">It is out of range.</exception>
    public static double Seconds(double seconds) => seconds >= ShortestSeconds && seconds <= LongestSeconds
        ? seconds
        : throw new UsageException(string.Create(
            CultureInfo.InvariantCulture, $"--seconds: {seconds} is not from {ShortestSeconds} to {LongestSeconds}."));

    private static string NameOf(string device)
    {
        try
        {
            using Accelerator accelerator = Accelerator.Open(device);
            return accelerator.Name;
        }
        catch (DeviceException exception)
        {
            throw new UsageException($"--device: {exception.Message}", exception);
        }
    }

    private static List<int> Numbers(string option, string text, int largest, string what)
    {
        List<int> numbers = [];
        foreach (string word in Words(option, text))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1 || number > largest)
            {
                throw new UsageException($"{option}: '{word}' is not a number from 1 to {largest.ToString(CultureInfo.InvariantCulture)}, {what}.");
            }

            if (!numbers.Contains(number))
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    private static List<string> Words(string option, string text)
    {
        string[] words = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? [.. words.Distinct(StringComparer.Ordinal)] : throw new UsageException($"{option}: '{text}' names nothing.");
    }
}
