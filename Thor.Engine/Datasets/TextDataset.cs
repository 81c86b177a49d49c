using System.Text;

namespace Thor.Engine.Datasets;

/// <summary>A text cut into windows of characters: the first nine tenths to train on, the rest to test with.</summary>
public sealed class TextDataset : Dataset
{
    private const double TrainFraction = 0.9;

    private TextDataset(string name, TextVocabulary vocabulary, TextObjective objective, TextPart train, TextPart test)
        : base(name, train, test)
    {
        Vocabulary = vocabulary;
        Objective = objective;
    }

    /// <summary>The characters of the whole text.</summary>
    public TextVocabulary Vocabulary { get; }

    /// <summary>What is to be predicted.</summary>
    public TextObjective Objective { get; }

    /// <summary>Characters in a window.</summary>
    public int SequenceLength => InputShape[0];

    /// <summary>Number of ids a model has to know: the characters, and the mask where there is one.</summary>
    public int VocabularySize => Classes;

    /// <summary>The id that stands for a masked character, the last one; null where nothing is masked.</summary>
    public int? MaskId => Objective == TextObjective.MaskedCharacters ? Vocabulary.Count : null;

    internal static TextDataset Load(string path, int sequenceLength, TextObjective objective, ulong seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequenceLength);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"The text was not found: expected the file '{Path.GetFileName(path)}' in '{Path.GetDirectoryName(Path.GetFullPath(path))}'.", path);
        }

        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(DatasetFile.Read(path).Span);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{path}: expected UTF-8 text, found other bytes at {exception.Index}.", exception);
        }

        TextVocabulary vocabulary = new(text);
        int[] ids = vocabulary.Encode(text);
        int trainCount = (int)(ids.Length * TrainFraction);
        int needed = sequenceLength + 1;
        if (Math.Min(trainCount, ids.Length - trainCount) < needed)
        {
            throw new InvalidDataException(
                $"{path}: expected at least {needed} characters in each of the training and test parts for windows of {sequenceLength}, found {trainCount} and {ids.Length - trainCount}.");
        }

        TextPart train = new(ids[..trainCount], sequenceLength, vocabulary.Count, objective, fixedSeed: null);
        TextPart test = new(ids[trainCount..], sequenceLength, vocabulary.Count, objective, seed);
        return new TextDataset(Path.GetFileNameWithoutExtension(path), vocabulary, objective, train, test);
    }
}
