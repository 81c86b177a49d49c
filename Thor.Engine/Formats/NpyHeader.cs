using System.Globalization;
using System.Text;

namespace Thor.Engine.Formats;

/// <summary>The header of a .npy file: a Python dictionary of element type, order and shape.</summary>
internal readonly record struct NpyHeader(StoredType Type, bool LittleEndian, bool FortranOrder, long[] Extents)
{
    /// <summary>Reads the text of a header.</summary>
    /// <exception cref="InvalidDataException">It is not a dictionary of exactly descr, fortran_order and shape, or the type is not one of numbers.</exception>
    public static NpyHeader Parse(string text, string file)
    {
        Parser parser = new(text, file);
        string? descr = null;
        bool? fortran = null;
        long[]? extents = null;
        parser.Expect('{');
        while (!parser.Accept('}'))
        {
            string key = parser.Quoted();
            parser.Expect(':');
            switch (key)
            {
                case "descr" when descr is null:
                    descr = parser.Quoted();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = parser.Boolean();
                    break;
                case "shape" when extents is null:
                    extents = parser.Tuple();
                    break;
                default:
                    throw parser.Malformed($"expected descr, fortran_order and shape once each, found '{key}'");
            }

            if (!parser.Accept(','))
            {
                parser.Expect('}');
                break;
            }
        }

        parser.ExpectEnd();
        if (descr is null || fortran is null || extents is null)
        {
            throw parser.Malformed("expected descr, fortran_order and shape, found less");
        }

        bool big = descr.StartsWith('>');
        return new NpyHeader(ElementType(descr, parser), !big, fortran.Value, extents);
    }

    /// <summary>The header's text for a tensor.</summary>
    public static string Format(DType type, Shape shape, bool fortranOrder)
    {
        StringBuilder text = new();
        string descr = type switch
        {
            DType.Float32 => "<f4",
            DType.Float64 => "<f8",
            _ => "<i4",
        };
        text.Append(CultureInfo.InvariantCulture, $"{{'descr': '{descr}', 'fortran_order': {(fortranOrder ? "True" : "False")}, 'shape': (");
        foreach (int extent in shape)
        {
            text.Append(CultureInfo.InvariantCulture, $"{extent}, ");
        }

        // A tuple of one keeps its comma, longer ones lose it.
        text.Length -= shape.Rank == 0 ? 0 : shape.Rank == 1 ? 1 : 2;
        return text.Append("), }").ToString();
    }

    private static StoredType ElementType(string descr, Parser parser)
    {
        bool ordered = descr.Length == 3 && descr[0] is '<' or '>';
        bool single = descr.Length == 3 && descr[0] is '|' or '<' or '>';
        return (ordered, single, descr.Length == 0 ? string.Empty : descr[1..]) switch
        {
            (_, true, "b1") => StoredType.Boolean,
            (_, true, "u1") => StoredType.UInt8,
            (_, true, "i1") => StoredType.Int8,
            (true, _, "u2") => StoredType.UInt16,
            (true, _, "i2") => StoredType.Int16,
            (true, _, "u4") => StoredType.UInt32,
            (true, _, "i4") => StoredType.Int32,
            (true, _, "u8") => StoredType.UInt64,
            (true, _, "i8") => StoredType.Int64,
            (true, _, "f2") => StoredType.Float16,
            (true, _, "f4") => StoredType.Float32,
            (true, _, "f8") => StoredType.Float64,
            _ => throw parser.Malformed($"expected booleans, integers of up to 8 bytes or floats of 2, 4 or 8 bytes, found the element type '{descr}'"),
        };
    }

    /// <summary>Just enough of Python's literals.</summary>
    private sealed class Parser(string text, string file)
    {
        private int _at;

        public InvalidDataException Malformed(string problem) => new($"{file}: {problem} in the header.");

        public bool Accept(char expected)
        {
            SkipSpace();
            if (_at >= text.Length || text[_at] != expected)
            {
                return false;
            }

            _at++;
            return true;
        }

        public void Expect(char expected)
        {
            if (!Accept(expected))
            {
                throw Malformed($"expected '{expected}' at character {_at}, found {Found()}");
            }
        }

        public void ExpectEnd()
        {
            SkipSpace();
            if (_at < text.Length)
            {
                throw Malformed($"expected nothing after the dictionary, found {Found()}");
            }
        }

        public string Quoted()
        {
            SkipSpace();
            char quote = _at < text.Length ? text[_at] : '\0';
            int end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
            if (end < 0)
            {
                throw Malformed($"expected a quoted text at character {_at}, found {Found()}");
            }

            string content = text[(_at + 1)..end];
            _at = end + 1;
            return content;
        }

        public bool Boolean()
        {
            SkipSpace();
            foreach (string word in (ReadOnlySpan<string>)["True", "False"])
            {
                if (string.CompareOrdinal(text, _at, word, 0, word.Length) == 0)
                {
                    _at += word.Length;
                    return word == "True";
                }
            }

            throw Malformed($"expected True or False at character {_at}, found {Found()}");
        }

        public long[] Tuple()
        {
            Expect('(');
            List<long> numbers = [];
            bool comma = false;
            while (!Accept(')'))
            {
                SkipSpace();
                int start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                {
                    _at++;
                }

                if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                {
                    throw Malformed($"expected an extent at character {start}, found {Found()}");
                }

                numbers.Add(number);
                comma = Accept(',');
                if (!comma)
                {
                    Expect(')');
                    break;
                }
            }

            return numbers.Count != 1 || comma ? [.. numbers] : throw Malformed("expected a tuple such as (3,), found a number in parentheses");
        }

        private string Found() => _at < text.Length ? $"'{text[_at]}'" : "the end";

        private void SkipSpace()
        {
            while (_at < text.Length && text[_at] is ' ' or '\n' or '\t' or '\r')
            {
                _at++;
            }
        }
    }
}
