using Thor.Engine;
using Thor.Engine.Datasets;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class TextDatasetTests
{
    private const int Length = 50;

    [Fact]
    public void Text_Shakespeare_HasTheKnownCounts()
    {
        TextDataset data = Datasets.Text(TestData.Require("text/tinyshakespeare.txt"), 128);

        Assert.Equal(65, data.Vocabulary.Count);
        Assert.Equal((66, 65), (data.VocabularySize, data.MaskId));
        Assert.Equal(((int)(1115394 * 0.9) / 128, (1115394 - (int)(1115394 * 0.9)) / 128), (data.Train.Count, data.Test.Count));
        Assert.Equal("tinyshakespeare", data.Name);
        Assert.Equal("First Citizen", data.Vocabulary.Decode(data.Vocabulary.Encode("First Citizen")));
    }

    [Fact]
    public void Text_MaskedSamples_KeepTheTextWhereNothingIsAsked()
    {
        (string text, TextDataset data) = Create(TextObjective.MaskedCharacters);
        using Tensor inputs = Tensor.Empty([data.Test.Count, Length], DType.Int32);
        using Tensor labels = Tensor.Empty([data.Test.Count, Length], DType.Int32);
        data.Test.Fill([.. Enumerable.Range(0, data.Test.Count)], new SampleDraw(5, 1), inputs, labels);

        int[] shown = inputs.ToArray<int>();
        int[] wanted = labels.ToArray<int>();
        int[] original = data.Vocabulary.Encode(text.AsSpan((int)(text.Length * 0.9), shown.Length));
        int masked = 0;
        int chosen = 0;
        for (int i = 0; i < shown.Length; i++)
        {
            Assert.Equal(wanted[i] == DataLoader.NoLabel ? shown[i] : wanted[i], original[i]);
            chosen += wanted[i] == DataLoader.NoLabel ? 0 : 1;
            masked += shown[i] == data.MaskId ? 1 : 0;
        }

        // 15 % of some 2,000 positions are chosen, 80 % of those masked: three standard deviations to both sides.
        Assert.InRange(chosen, (0.15 * shown.Length) - (3 * Math.Sqrt(0.1275 * shown.Length)), (0.15 * shown.Length) + (3 * Math.Sqrt(0.1275 * shown.Length)) + (shown.Length / Length));
        Assert.InRange(masked, (0.8 * chosen) - (3 * Math.Sqrt(0.16 * chosen)), (0.8 * chosen) + (3 * Math.Sqrt(0.16 * chosen)));
    }

    [Fact]
    public void Text_EverySample_AsksForSomething()
    {
        (_, TextDataset data) = Create(TextObjective.MaskedCharacters, length: 2);
        DataLoader loader = new(data.Train, 64, seed: 1);
        foreach (Batch batch in loader)
        {
            int[] labels = batch.Labels.ToArray<int>();
            for (int i = 0; i < batch.Count; i++)
            {
                Assert.Contains(labels[(2 * i)..((2 * i) + 2)], label => label != DataLoader.NoLabel);
            }
        }
    }

    [Fact]
    public void Text_NextCharacter_LabelsAreTheInputsShifted()
    {
        (_, TextDataset data) = Create(TextObjective.NextCharacter);
        Assert.Null(data.MaskId);
        Assert.Equal(data.Vocabulary.Count, data.VocabularySize);
        foreach (DatasetPart part in new[] { data.Train, data.Test })
        {
            foreach (Batch batch in new DataLoader(part, 4, seed: 2))
            {
                int[] inputs = batch.Inputs.ToArray<int>();
                int[] labels = batch.Labels.ToArray<int>();
                for (int i = 0; i < inputs.Length; i++)
                {
                    Assert.True(i % Length == Length - 1 || labels[i] == inputs[i + 1]);
                }
            }
        }
    }

    [Fact]
    public void Text_TrainingWindows_DifferBetweenEpochsAndTestWindowsDoNot()
    {
        (_, TextDataset data) = Create(TextObjective.MaskedCharacters);

        Assert.NotEqual(Sample(data.Train, 1, 0), Sample(data.Train, 1, 1));
        Assert.NotEqual(Sample(data.Train, 1, 0), Sample(data.Train, 2, 0));
        Assert.Equal(Sample(data.Train, 1, 1), Sample(data.Train, 1, 1));
        Assert.Equal(Sample(data.Test, 1, 0), Sample(data.Test, 2, 3));
    }

    [Fact]
    public void Text_FilesThatCannotBeUsed_AreClearErrors()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.txt");

        Assert.Contains($"'a.txt' in '{folder.Path}'", Assert.Throws<FileNotFoundException>(() => Datasets.Text(path, 4)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [65, 66, 0xff, 67]);
        Assert.Contains("found other bytes at 2", Assert.Throws<InvalidDataException>(() => Datasets.Text(path, 4)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "0123456789");
        Assert.Contains("expected at least 5 characters", Assert.Throws<InvalidDataException>(() => Datasets.Text(path, 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vocabulary_UnknownCharacter_IsNamed()
    {
        TextVocabulary vocabulary = new("abc");

        Assert.Equal([2, 0], vocabulary.Encode("ca"));
        Assert.Equal("b\uFFFD", vocabulary.Decode([1, 3]));
        Assert.Contains("U+00FC at 1", Assert.Throws<ArgumentException>(() => vocabulary.Encode("aü")).Message, StringComparison.Ordinal);
    }

    private static (string Text, TextDataset Data) Create(TextObjective objective, int length = Length)
    {
        using TemporaryFolder folder = new();
        Random random = new(1);
        string text = new(Enumerable.Range(0, 20_000).Select(_ => (char)('a' + random.Next(26))).ToArray());
        File.WriteAllText(folder.File("text.txt"), text);
        return (text, Datasets.Text(folder.File("text.txt"), length, objective));
    }

    private static int[] Sample(DatasetPart part, ulong seed, int epoch)
    {
        using Tensor inputs = Tensor.Empty([1, Length], DType.Int32);
        using Tensor labels = Tensor.Empty([1, Length], DType.Int32);
        part.Fill([3], new SampleDraw(seed, epoch), inputs, labels);
        return [.. inputs.ToArray<int>(), .. labels.ToArray<int>()];
    }
}
