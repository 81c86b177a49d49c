using System;
using System.Text;

namespace Thor.Kernels.Translator;

/// <summary>Writes indented lines that end in '\n'.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes one line; an empty one without indentation.</summary>
    public void Line(string text = "")
    {
        if (text.Length > 0)
        {
            _text.Append(' ', 4 * _depth).Append(text);
        }

        _text.Append('\n');
    }

    /// <summary>Writes a text of several lines, each at the current depth.</summary>
    public void Lines(string text)
    {
        foreach (string line in text.Replace("\r", string.Empty).TrimEnd('\n').Split('\n'))
        {
            Line(line);
        }
    }

    /// <summary>Writes a line at the left edge: a directive of the preprocessor.</summary>
    public void Directive(string text) => _text.Append(text).Append('\n');

    /// <summary>Opens a brace; what follows is one step deeper.</summary>
    public void Open()
    {
        Line("{");
        _depth++;
    }

    /// <summary>Closes the brace.</summary>
    public void Close(string suffix = "")
    {
        if (_depth == 0)
        {
            throw new InvalidOperationException("There is no open brace.");
        }

        _depth--;
        Line("}" + suffix);
    }

    /// <summary>One step deeper without a brace: labels of a switch.</summary>
    public void Indent() => _depth++;

    /// <summary>One step back.</summary>
    public void Outdent() => _depth--;

    public override string ToString() => _text.ToString();
}
