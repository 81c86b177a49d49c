namespace Thor.Engine.Datasets;

/// <summary>CIFAR-10 in its binary version: records of one label byte and 3072 bytes of colour planes, no header.</summary>
internal static class CifarBinary
{
    private const int ImageBytes = 3 * 32 * 32;
    private const int RecordBytes = 1 + ImageBytes;
    private const int Batches = 5;

    public static Dataset Load(string folder, ImageNormalization normalization, string[] classNames)
    {
        string[] needed = DatasetFile.FindAll(folder, "CIFAR-10 (binary version)", BatchName(1), "test_batch.bin");
        List<string> training = [needed[0]];
        for (int i = 2; i <= Batches; i++)
        {
            if (DatasetFile.Find(folder, BatchName(i)) is string path)
            {
                training.Add(path);
            }
        }

        return new Dataset(
            "cifar-10", Part(training, normalization, classNames.Length), Part([needed[1]], normalization, classNames.Length), classNames);
    }

    private static string BatchName(int batch) => $"data_batch_{batch}.bin";

    private static ImagePart Part(List<string> paths, ImageNormalization normalization, int classes)
    {
        List<ReadOnlyMemory<byte>> files = [];
        long records = 0;
        foreach (string path in paths)
        {
            ReadOnlyMemory<byte> file = DatasetFile.Read(path);
            if (file.IsEmpty || file.Length % RecordBytes != 0)
            {
                throw new InvalidDataException(
                    $"{path}: expected records of {RecordBytes} bytes, found {file.Length} bytes, {file.Length % RecordBytes} more than whole records; the file is truncated or something else.");
            }

            files.Add(file);
            records += file.Length / RecordBytes;
        }

        byte[] labels = new byte[records];
        byte[] images = new byte[records * ImageBytes];
        int next = 0;
        for (int i = 0; i < files.Count; i++)
        {
            int first = next;
            for (ReadOnlySpan<byte> rest = files[i].Span; !rest.IsEmpty; rest = rest[RecordBytes..], next++)
            {
                labels[next] = rest[0];
                rest.Slice(1, ImageBytes).CopyTo(images.AsSpan(next * ImageBytes));
            }

            DatasetFile.RequireLabels(labels.AsSpan(first, next - first), classes, paths[i]);
        }

        return new ImagePart(images, labels, [3, 32, 32], classes, normalization);
    }
}
