using System.Globalization;
using System.Text;

namespace Thor.Engine.Datasets;

/// <summary>The UCI handwritten digits as comma-separated lines: 64 pixels from 0 to 16, then the label.</summary>
internal static class DigitsCsv
{
    private const int Side = 8;
    private const int ImageBytes = Side * Side;
    private const int White = 16;
    private const int TestImages = 360;

    public static Dataset Load(string folder, string[] classNames)
    {
        string path = DatasetFile.FindAll(folder, "UCI digits", "digits.csv")[0];
        List<byte> images = [];
        List<byte> labels = [];
        ReadOnlySpan<byte> rest = DatasetFile.Read(path).Span;
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadLine(end < 0 ? rest : rest[..end], images, labels, $"{path}, line {line}");
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        if (labels.Count <= TestImages)
        {
            throw new InvalidDataException($"{path}: expected 1797 lines, found {labels.Count}; the file is truncated.");
        }

        byte[] allLabels = [.. labels];
        DatasetFile.RequireLabels(allLabels, classNames.Length, path);
        byte[] allImages = [.. images];
        int train = allLabels.Length - TestImages;
        ImageNormalization normalization = new([0.3053], [0.3760], White);
        return new Dataset(
            "digits",
            new ImagePart(allImages.AsMemory(0, train * ImageBytes), allLabels.AsMemory(0, train), [1, Side, Side], classNames.Length, normalization),
            new ImagePart(allImages.AsMemory(train * ImageBytes), allLabels.AsMemory(train), [1, Side, Side], classNames.Length, normalization),
            classNames);
    }

    private static void ReadLine(ReadOnlySpan<byte> line, List<byte> images, List<byte> labels, string where)
    {
        line = line.TrimEnd((byte)'\r');
        int column = 0;
        foreach (Range range in line.Split((byte)','))
        {
            if (!byte.TryParse(line[range], NumberStyles.None, CultureInfo.InvariantCulture, out byte value) || (column < ImageBytes && value > White))
            {
                throw new InvalidDataException($"{where}: expected whole numbers from 0 to {White}, found '{Encoding.UTF8.GetString(line[range])}'.");
            }

            (column < ImageBytes ? images : labels).Add(value);
            column++;
        }

        if (column != ImageBytes + 1)
        {
            throw new InvalidDataException($"{where}: expected {ImageBytes + 1} columns, found {column}.");
        }
    }
}
