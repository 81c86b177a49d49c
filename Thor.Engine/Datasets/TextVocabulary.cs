using System.Collections.Immutable;
using System.Text;

namespace Thor.Engine.Datasets;

/// <summary>The characters (UTF-16 code units) of a text, numbered in ascending order.</summary>
public sealed class TextVocabulary
{
    private readonly Dictionary<char, int> _ids = [];

    /// <summary>The distinct characters of a text.</summary>
    public TextVocabulary(ReadOnlySpan<char> text)
    {
        SortedSet<char> distinct = [];
        foreach (char character in text)
        {
            distinct.Add(character);
        }

        Characters = [.. distinct];
        for (int i = 0; i < Characters.Length; i++)
        {
            _ids.Add(Characters[i], i);
        }
    }

    /// <summary>The characters; the position of each is its id.</summary>
    public ImmutableArray<char> Characters { get; }

    /// <summary>Number of characters.</summary>
    public int Count => Characters.Length;

    /// <summary>The ids of a text.</summary>
    /// <exception cref="ArgumentException">A character is not in the vocabulary.</exception>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        int[] ids = new int[text.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!_ids.TryGetValue(text[i], out ids[i]))
            {
                throw new ArgumentException($"Expected characters of the vocabulary, found U+{(int)text[i]:X4} at {i}.", nameof(text));
            }
        }

        return ids;
    }

    /// <summary>The text of ids; ids that are not characters, such as a mask, become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids)
    {
        StringBuilder text = new(ids.Length);
        foreach (int id in ids)
        {
            text.Append((uint)id < (uint)Count ? Characters[id] : '\uFFFD');
        }

        return text.ToString();
    }
}
