using Thor.Autograd.Models;
using Thor.Autograd.Training;
using Thor.Engine;
using Thor.Engine.Datasets;

namespace Thor.Bench.Runs;

/// <summary>Data sets by name, and the task that goes with a model on them.</summary>
internal static class DataFactory
{
    private static readonly string[] s_names = ["glyphs", "mnist", "fashion-mnist", "cifar-10", "digits", "text"];

    /// <exception cref="UsageException">There is no such data set, or it needs a folder and none was given.</exception>
    public static Dataset Open(RunSettings settings)
    {
        bool unit = settings.Model == "autoencoder";
        return settings.Data switch
        {
            "glyphs" => Datasets.Glyphs(settings.Seed, normalization: unit ? ImageNormalization.Unit(1) : null),
            "mnist" => Datasets.Mnist(Folder(settings), unit ? ImageNormalization.Unit(1) : null),
            "fashion-mnist" => Datasets.FashionMnist(Folder(settings), unit ? ImageNormalization.Unit(1) : null),
            "cifar-10" => Datasets.Cifar10(Folder(settings), unit ? ImageNormalization.Unit(3) : null),
            "digits" => Datasets.Digits(Folder(settings)),
            "text" => Datasets.Text(TextFile(settings), settings.SequenceLength),
            _ => throw new UsageException($"There is no data set '{settings.Data}'. Known data sets: {string.Join(", ", s_names)}."),
        };
    }

    /// <summary>What a model must know about a data set.</summary>
    public static DataDescription Describe(Dataset data)
    {
        Shape input = data.InputShape;
        return input.Rank == 3
            ? new DataDescription(input[0], input[1], input[2], data.Classes)
            : new DataDescription(Vocabulary: data.Classes, SequenceLength: input[0]);
    }

    public static TrainingTask Task(RunSettings settings) =>
        settings.Model == "autoencoder" ? new ReconstructionTask() : new ClassificationTask(settings.LabelSmoothing);

    /// <summary>--data-dir, else the data set's own folder below the one that THOR_DATA names.</summary>
    private static string Folder(RunSettings settings)
    {
        if (settings.DataFolder is not null)
        {
            return settings.DataFolder;
        }

        return Environment.GetEnvironmentVariable("THOR_DATA") is { Length: > 0 } root
            ? Path.Combine(root, settings.Data)
            : throw new UsageException($"Data set '{settings.Data}' is read from files: name their folder with --data-dir, or the folder above it in THOR_DATA.");
    }

    /// <summary>The file itself, or the first text file of the folder.</summary>
    private static string TextFile(RunSettings settings)
    {
        string path = Folder(settings);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.txt").Order(StringComparer.Ordinal).FirstOrDefault() ?? throw new UsageException($"There is no .txt file in '{path}'.")
            : path;
    }
}
