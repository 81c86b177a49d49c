using System.IO.Compression;
using System.Security.Cryptography;
using Thor.Engine;
using Thor.Engine.Datasets;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class DatasetFileTests
{
    [Fact]
    public void Mnist_RealFiles_HaveTheKnownCountsLabelsAndPixels()
    {
        Dataset data = Datasets.Mnist(TestData.Require("mnist"));

        AssertPart(data.Train, 60_000, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
        AssertPart(data.Test, 10_000, [7, 2, 1, 0, 4, 1, 4, 9, 5, 9], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        AssertStatistics((ImagePart)data.Train, 0.00005);
        Assert.Equal(new Shape(1, 28, 28), data.InputShape);
        Assert.Equal(10, data.Classes);
    }

    [Fact]
    public void FashionMnist_RealFiles_HaveTheKnownCountsLabelsAndPixels()
    {
        Dataset data = Datasets.FashionMnist(TestData.Require("fashion-mnist"));

        AssertPart(data.Train, 60_000, [9, 0, 0, 3, 0, 2, 7, 2, 5, 5], [.. Enumerable.Repeat(6000, 10)]);
        AssertPart(data.Test, 10_000, [9, 2, 1, 1, 6, 1, 4, 6, 5, 7], [.. Enumerable.Repeat(1000, 10)]);
        AssertStatistics((ImagePart)data.Train, 0.00005);
        Assert.Equal("ankle boot", data.ClassNames[9]);
    }

    [Fact]
    public void Cifar10_RealFiles_HaveTheKnownCountsLabelsAndBytes()
    {
        Dataset data = Datasets.Cifar10(TestData.Require("cifar-10"));

        Assert.True(data.Train.Count >= 10_000);
        AssertPart(data.Test, 10_000, [3, 8, 8, 0, 6, 6, 1, 6, 3, 1], [.. Enumerable.Repeat(1000, 10)]);
        Assert.Equal(new Shape(3, 32, 32), data.InputShape);
        Assert.Equal("truck", data.ClassNames[9]);

        // The whole test batch put together again is the published file.
        ImagePart test = (ImagePart)data.Test;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < test.Count; i++)
        {
            hash.AppendData([(byte)test.Label(i)]);
            hash.AppendData(test.Image(i));
        }

        Assert.Equal("8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Digits_RealFile_HasTheKnownCountsAndMean()
    {
        Dataset data = Datasets.Digits(TestData.Require("digits"));
        ImagePart train = (ImagePart)data.Train;
        ImagePart test = (ImagePart)data.Test;

        Assert.Equal((1437, 360), (train.Count, test.Count));
        double sum = 0;
        int[] counts = new int[10];
        foreach (ImagePart part in new[] { train, test })
        {
            for (int i = 0; i < part.Count; i++)
            {
                counts[part.Label(i)]++;
                foreach (byte pixel in part.Image(i))
                {
                    sum += pixel;
                }
            }
        }

        Assert.Equal(4.884164579855314, sum / (1797 * 64), 1e-12);
        Assert.Equal([178, 182, 177, 183, 181, 182, 181, 179, 174, 180], counts);
    }

    [Fact]
    public void Idx_PlainAndGzippedFile_ReadTheSame()
    {
        using TemporaryFolder folder = new();
        byte[] file = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        File.WriteAllBytes(folder.File("a"), file);
        File.WriteAllBytes(folder.File("a.gz"), Gzip(file));

        foreach (string name in new[] { "a", "a.gz" })
        {
            IdxArray array = IdxArray.Read(folder.File(name));
            Assert.Equal(new Shape(2, 3), array.Shape);
            Assert.Equal([1, 2, 3, 4, 5, 6], array.Elements.ToArray());
        }
    }

    [Theory]
    [InlineData(new byte[] { }, "found nothing")]
    [InlineData(new byte[] { 0, 0, 8 }, "000008")]
    [InlineData(new byte[] { 0, 0, 13, 1, 0, 0, 0, 1, 0 }, "00000D01")]
    [InlineData(new byte[] { 0, 0, 8, 2, 0, 0, 0, 1, 0 }, "expected 12 bytes of header")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1 }, "expected 2 elements for the shape [2], found 1")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3 }, "found 3")]
    [InlineData(new byte[] { 0, 0, 8, 1, 255, 255, 255, 255, 1 }, "multiply to more")]
    public void Idx_MalformedFile_NamesFileAndProblem(byte[] content, string problem)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("labels"), content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxArray.Read(folder.File("labels")));

        Assert.Contains(folder.File("labels"), error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Idx_GzipCutOrDamagedAnywhere_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.gz");
        byte[] packed = Gzip([0, 0, 8, 1, 0, 0, 0, 200, .. Enumerable.Range(0, 200).Select(i => (byte)(i * i))]);
        for (int length = 0; length < packed.Length; length++)
        {
            File.WriteAllBytes(path, packed[..length]);
            Assert.Throws<InvalidDataException>(() => IdxArray.Read(path));
        }

        // From the packed bytes on: the ten bytes before hold a time and a system nobody checks.
        for (int i = 10; i < packed.Length; i++)
        {
            byte[] damaged = (byte[])packed.Clone();
            damaged[i] ^= 0x21;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<InvalidDataException>(() => IdxArray.Read(path));
        }
    }

    [Fact]
    public void Mnist_MissingFiles_ErrorNamesFolderAndExpectedFiles()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("train-images-idx3-ubyte.gz"), []);

        string some = Assert.Throws<FileNotFoundException>(() => Datasets.FashionMnist(folder.Path)).Message;
        string none = Assert.Throws<FileNotFoundException>(() => Datasets.Cifar10(folder.File("nowhere"))).Message;

        Assert.Contains($"Fashion-MNIST was not found in '{folder.Path}'", some, StringComparison.Ordinal);
        Assert.Contains("expected train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte", some, StringComparison.Ordinal);
        Assert.Contains("not found: train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte", some, StringComparison.Ordinal);
        Assert.Contains("data_batch_1.bin, test_batch.bin, each plain or as .gz; there is no such folder", none, StringComparison.Ordinal);
    }

    [Fact]
    public void Mnist_FilesThatDisagree_AreRefused()
    {
        using TemporaryFolder folder = new();
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6];
        File.WriteAllBytes(folder.File("train-images-idx3-ubyte"), images);
        File.WriteAllBytes(folder.File("t10k-images-idx3-ubyte"), images);
        File.WriteAllBytes(folder.File("t10k-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 2, 1, 2]);

        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]);
        Assert.Contains("one label for each of the 2 images", Assert.Throws<InvalidDataException>(() => Datasets.Mnist(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 2, 1, 10]);
        Assert.Contains("labels from 0 to 9, found 10 for image 1", Assert.Throws<InvalidDataException>(() => Datasets.Mnist(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte"), images);
        Assert.Contains("found [2, 1, 1]", Assert.Throws<InvalidDataException>(() => Datasets.Mnist(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, 2, 1, 9]);
        Assert.Equal(2, Datasets.Mnist(folder.Path).Train.Count);
    }

    [Fact]
    public void Cifar10_AnyBatchesAfterTheFirst_AreJoinedInOrder()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("data_batch_1.bin"), Record(1));
        File.WriteAllBytes(folder.File("data_batch_3.bin.gz"), Gzip([.. Record(3), .. Record(4)]));
        File.WriteAllBytes(folder.File("test_batch.bin"), Record(7));

        ImagePart train = (ImagePart)Datasets.Cifar10(folder.Path).Train;

        Assert.Equal([1, 3, 4], Enumerable.Range(0, train.Count).Select(train.Label));
        Assert.Equal(Record(4)[1..], train.Image(2).ToArray());
    }

    [Fact]
    public void Cifar10_TruncatedFileOrWrongLabel_IsRefused()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("test_batch.bin"), Record(7));

        File.WriteAllBytes(folder.File("data_batch_1.bin"), [.. Record(1), .. Record(2)[..100]]);
        Assert.Contains("100 more than whole records", Assert.Throws<InvalidDataException>(() => Datasets.Cifar10(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("data_batch_1.bin"), [.. Record(1), .. Record(12)]);
        Assert.Contains("found 12 for image 1", Assert.Throws<InvalidDataException>(() => Datasets.Cifar10(folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("data_batch_1.bin"), []);
        Assert.Throws<InvalidDataException>(() => Datasets.Cifar10(folder.Path));
    }

    [Theory]
    [InlineData("1,2\n", "expected 65 columns, found 2")]
    [InlineData("1,x\n", "found 'x'")]
    [InlineData("17,1\n", "found '17'")]
    [InlineData("", "expected 1797 lines, found 0")]
    public void Digits_MalformedFile_NamesLineAndProblem(string content, string problem)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("digits.csv"), content);

        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Datasets.Digits(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static byte[] Record(byte label) => [label, .. Enumerable.Range(0, 3072).Select(i => (byte)(i + label))];

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static void AssertPart(DatasetPart part, int count, int[] firstLabels, int[] counts)
    {
        ImagePart images = Assert.IsType<ImagePart>(part);
        int[] found = new int[10];
        for (int i = 0; i < images.Count; i++)
        {
            found[images.Label(i)]++;
        }

        Assert.Equal(count, images.Count);
        Assert.Equal(firstLabels, Enumerable.Range(0, 10).Select(images.Label));
        Assert.Equal(counts, found);
    }

    /// <summary>The documented constants are those of the data.</summary>
    private static void AssertStatistics(ImagePart part, double tolerance)
    {
        long sum = 0;
        long squares = 0;
        long count = 0;
        for (int i = 0; i < part.Count; i++)
        {
            foreach (byte pixel in part.Image(i))
            {
                sum += pixel;
                squares += pixel * pixel;
                count++;
            }
        }

        double mean = sum / (255.0 * count);
        Assert.Equal(part.Normalization.Means[0], mean, tolerance);
        Assert.Equal(part.Normalization.Deviations[0], Math.Sqrt((squares / (255.0 * 255.0 * count)) - (mean * mean)), tolerance);
    }
}
