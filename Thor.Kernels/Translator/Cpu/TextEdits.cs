using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis.Text;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>Replacements in a piece of source text that leave every line on its line, so that one directive maps all of them back.</summary>
internal sealed class TextEdits
{
    private readonly SourceText _source;
    private readonly List<TextChange> _changes = new();

    public TextEdits(SourceText source)
    {
        _source = source;
    }

    /// <summary>Replaces a span; line ends that it held are kept behind the new text.</summary>
    public void Replace(TextSpan span, string text)
    {
        int lines = _source.Lines.GetLinePosition(span.End).Line - _source.Lines.GetLinePosition(span.Start).Line;
        _changes.Add(new TextChange(span, text + new string('\n', lines)));
    }

    /// <summary>Puts text in front of a position.</summary>
    public void Insert(int position, string text) => _changes.Add(new TextChange(new TextSpan(position, 0), text));

    /// <summary>The span with all replacements inside it.</summary>
    public string Apply(TextSpan span)
    {
        StringBuilder result = new();
        int position = span.Start;

        // A stable sort: insertions at one place keep the order in which they were asked for.
        foreach (TextChange change in _changes.Where(change => span.Contains(change.Span)).OrderBy(change => change.Span.Start))
        {
            if (change.Span.Start < position)
            {
                throw new InvalidOperationException($"Replacements at {change.Span.Start} overlap.");
            }

            result.Append(_source.ToString(TextSpan.FromBounds(position, change.Span.Start))).Append(change.NewText);
            position = change.Span.End;
        }

        return result.Append(_source.ToString(TextSpan.FromBounds(position, span.End))).ToString();
    }
}
