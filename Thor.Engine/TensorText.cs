using System.Globalization;
using System.Text;

namespace Thor.Engine;

/// <summary>Lays out the elements of a tensor; fetches only those that are shown.</summary>
internal sealed class TensorText
{
    private const string Gap = "...";

    // Where fixed-point columns stop being readable.
    private const double Largest = 1e8;
    private const double Smallest = 1e-4;
    private const double WidestRange = 1e3;

    private readonly Tensor _tensor;
    private readonly int _edge;
    private readonly int _lineWidth;
    private readonly StringBuilder _text = new();
    private readonly List<string> _elements;
    private readonly int _width;
    private int _next;

    public TensorText(Tensor tensor, int precision, int edge, int lineWidth)
    {
        _tensor = tensor;
        _edge = edge;
        _lineWidth = lineWidth;
        List<double> values = [];
        Collect(tensor, values);
        _elements = tensor.DType.IsFloating()
            ? FormatFloating(values, precision)
            : values.ConvertAll(value => value.ToString("F0", CultureInfo.InvariantCulture));
        foreach (string element in _elements)
        {
            _width = Math.Max(_width, element.Length);
        }
    }

    public override string ToString()
    {
        if (_tensor.Rank == 0)
        {
            _text.Append(_elements[0]);
        }
        else if (_tensor.Length == 0)
        {
            _text.Append("[]");
        }
        else
        {
            Append(0);
        }

        return _text.Append('\n').Append(_tensor).ToString();
    }

    private static List<string> FormatFloating(List<double> values, int precision)
    {
        double largest = 0;
        double smallest = double.PositiveInfinity;
        foreach (double value in values)
        {
            double size = Math.Abs(value);
            if (double.IsFinite(size) && size > 0)
            {
                largest = Math.Max(largest, size);
                smallest = Math.Min(smallest, size);
            }
        }

        bool scientific = largest > 0 && (largest >= Largest || smallest < Smallest || largest / smallest > WidestRange);
        string format = scientific
            ? $"0{(precision == 0 ? string.Empty : ".")}{new string('0', precision)}e+00"
            : $"F{precision}";
        List<string> texts = values.ConvertAll(value => Format(value, format));
        Trim(texts);
        return texts;
    }

    private static string Format(double value, string format) =>
        double.IsNaN(value) ? "nan"
        : double.IsInfinity(value) ? (value > 0 ? "inf" : "-inf")
        : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Drops the last digits after the point while they are zero in every element.</summary>
    private static void Trim(List<string> texts)
    {
        int kept = 0;
        foreach (string text in texts)
        {
            int point = text.IndexOf('.', StringComparison.Ordinal);
            if (point >= 0)
            {
                kept = Math.Max(kept, Mantissa(text).TrimEnd('0').Length - 1 - point);
            }
        }

        for (int i = 0; i < texts.Count; i++)
        {
            int point = texts[i].IndexOf('.', StringComparison.Ordinal);
            if (point >= 0)
            {
                ReadOnlySpan<char> mantissa = Mantissa(texts[i]);
                texts[i] = string.Concat(mantissa[..(kept == 0 ? point : point + 1 + kept)], texts[i].AsSpan(mantissa.Length));
            }
        }
    }

    private static ReadOnlySpan<char> Mantissa(string text)
    {
        int exponent = text.IndexOf('e', StringComparison.Ordinal);
        return exponent < 0 ? text : text.AsSpan(0, exponent);
    }

    private static void Add(Tensor row, List<double> values)
    {
        switch (row.DType)
        {
            case DType.Float32:
                values.AddRange(row.ToArray<float>().Select(value => (double)value));
                break;
            case DType.Float64:
                values.AddRange(row.ToArray<double>());
                break;
            default:
                values.AddRange(row.ToArray<int>().Select(value => (double)value));
                break;
        }
    }

    private void Collect(Tensor view, List<double> values)
    {
        if (view.Rank == 0 || (view.Rank == 1 && !IsShortened(view.Shape[0])))
        {
            Add(view, values);
            return;
        }

        int extent = view.Shape[0];
        if (view.Rank == 1)
        {
            Add(view.Slice(0, 0, _edge), values);
            Add(view.Slice(0, extent - _edge, _edge), values);
            return;
        }

        for (int i = 0; i < extent; i++)
        {
            i = SkipGap(i, extent);
            Collect(view.Select(0, i), values);
        }
    }

    private void Append(int axis)
    {
        int extent = _tensor.Shape[axis];
        bool last = axis == _tensor.Rank - 1;
        _text.Append('[');
        int column = axis + 1;
        for (int i = 0; i < extent; i++)
        {
            int shown = SkipGap(i, extent);
            if (shown != i)
            {
                if (last)
                {
                    Separate(ref column, Gap.Length, axis);
                }
                else
                {
                    NewBlock(axis);
                }

                _text.Append(Gap);
                i = shown;
            }

            if (last)
            {
                if (i > 0)
                {
                    Separate(ref column, _width, axis);
                }
                else
                {
                    column += _width;
                }

                _text.Append(_elements[_next++].PadLeft(_width));
            }
            else
            {
                if (i > 0)
                {
                    NewBlock(axis);
                }

                Append(axis + 1);
            }
        }

        _text.Append(']');
    }

    /// <summary>Rows are a line apart, matrices a blank line more, and so on for each further axis.</summary>
    private void NewBlock(int axis)
    {
        _text.Append('\n', _tensor.Rank - axis - 2);
        NewLine(axis);
    }

    private void NewLine(int axis) => _text.Append('\n').Append(' ', axis + 1);

    private void Separate(ref int column, int width, int axis)
    {
        if (column + 1 + width > _lineWidth)
        {
            NewLine(axis);
            column = axis + 1 + width;
            return;
        }

        _text.Append(' ');
        column += 1 + width;
    }

    private bool IsShortened(int extent) => extent > 2L * _edge;

    /// <summary>The first shown index from this one on.</summary>
    private int SkipGap(int index, int extent) => IsShortened(extent) && index >= _edge && index < extent - _edge ? extent - _edge : index;
}
