namespace Thor.Autograd.Models;

/// <summary>What a model must know about data: images have channels, height, width and classes; text has a vocabulary and a sequence length.</summary>
/// <param name="Channels">Channels of an image.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Classes">Number of labels of an image.</param>
/// <param name="Vocabulary">Number of ids of text, those of special tokens included.</param>
/// <param name="SequenceLength">Longest sequence of ids.</param>
public sealed record DataDescription(
    int Channels = 0, int Height = 0, int Width = 0, int Classes = 0, int Vocabulary = 0, int SequenceLength = 0)
{
    /// <summary>Numbers per image.</summary>
    public int Pixels => Channels * Height * Width;

    /// <summary>True when the image fields are set.</summary>
    public bool HasImages => Pixels > 0 && Classes > 0;

    /// <summary>True when the text fields are set.</summary>
    public bool HasText => Vocabulary > 0 && SequenceLength > 0;
}
