using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Engine;

public sealed class DataLoaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Loader_Unshuffled_GivesEverySampleInOrder(int prefetch)
    {
        DataLoader loader = new(Part(10), 4, shuffle: false, prefetch: prefetch);
        List<int[]> batches = [.. Labels(loader)];

        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], batches);
        Assert.Equal(3, loader.BatchesPerEpoch);
        Assert.Equal(new DataLoaderState(1, 0), loader.State);
    }

    [Fact]
    public void Loader_DropLast_LeavesOutTheRest()
    {
        DataLoader loader = new(Part(10), 4, shuffle: false, dropLast: true);

        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7]], Labels(loader));
        Assert.Equal(2, loader.BatchesPerEpoch);
        Assert.Empty(Labels(new DataLoader(Part(3), 4, dropLast: true)));
        Assert.Empty(Labels(new DataLoader(Part(0), 4)));
    }

    [Fact]
    public void Loader_Shuffled_IsAPermutationOfSeedAndEpoch()
    {
        DataLoader loader = new(Part(100), 7, seed: 5);
        int[] first = [.. Labels(loader).SelectMany(labels => labels)];
        int[] second = [.. Labels(loader).SelectMany(labels => labels)];
        int[] again = [.. Labels(new DataLoader(Part(100), 11, seed: 5, prefetch: 0)).SelectMany(labels => labels)];
        int[] other = [.. Labels(new DataLoader(Part(100), 7, seed: 6)).SelectMany(labels => labels)];

        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.Equal(Enumerable.Range(0, 100), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, other);
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Loader_RestoredState_ContinuesWithTheSameBatches(int prefetch)
    {
        DataLoader whole = new(Part(23), 4, seed: 9, prefetch: prefetch);
        List<int[]> all = [.. Labels(whole), .. Labels(whole), .. Labels(whole)];

        for (int stop = 1; stop < 12; stop++)
        {
            DataLoader before = new(Part(23), 4, seed: 9, prefetch: prefetch);
            List<int[]> batches = [];
            DataLoaderState state = default;
            while (batches.Count < stop)
            {
                foreach (Batch batch in before)
                {
                    batches.Add(batch.Labels.ToArray<int>());
                    state = before.State;
                    if (batches.Count == stop)
                    {
                        break;
                    }
                }
            }

            DataLoader after = new(Part(23), 4, seed: 9, prefetch: prefetch) { State = state };
            while (batches.Count < all.Count)
            {
                batches.AddRange(Labels(after));
            }

            Assert.Equal(all, batches);
            Assert.Equal(new DataLoaderState(3, 0), after.State);
        }
    }

    [Fact]
    public void Loader_StateThatCannotBe_IsRefused()
    {
        DataLoader loader = new(Part(10), 4);

        Assert.Throws<ArgumentOutOfRangeException>(() => loader.State = new DataLoaderState(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.State = new DataLoaderState(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader(Part(10), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader(Part(10), 1, prefetch: -1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Loader_PartThatFails_ThrowsInTheConsumerAtThatBatch(int prefetch)
    {
        DataLoader loader = new(new FailingPart(10, failAt: 6), 2, shuffle: false, prefetch: prefetch);
        int seen = 0;

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (Batch batch in loader)
            {
                seen += batch.Count;
            }
        });

        Assert.Equal("sample 6", error.Message);
        Assert.Equal(6, seen);
        Assert.Equal(new DataLoaderState(0, 3), loader.State);
    }

    [Fact]
    public void Loader_LabelOutsideTheClasses_IsRefused()
    {
        DataLoader loader = new(new FailingPart(10, failAt: -1, wrongLabelAt: 4), 3, shuffle: false);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => loader.Count());

        Assert.Contains("labels from 0 to 9 (or -100 for none), found 99 in sample 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loader_NextBatchAskedFor_DisposesTheOneBefore()
    {
        List<Tensor> inputs = [];
        using (TensorScope scope = TensorScope.Begin())
        {
            foreach (Batch batch in new DataLoader(Part(6), 2, prefetch: 0))
            {
                Assert.All(inputs, tensor => Assert.True(tensor.IsDisposed));
                inputs.Add(batch.Inputs);
                Assert.False(batch.Inputs.IsDisposed);
            }
        }

        Assert.Equal(3, inputs.Count);
        Assert.All(inputs, tensor => Assert.True(tensor.IsDisposed));
    }

    [Fact]
    public void Loader_ScopeInsideTheLoop_LeavesTheBatchAlone()
    {
        foreach (Batch batch in new DataLoader(Part(6), 2))
        {
            using (TensorScope step = TensorScope.Begin())
            {
                _ = batch.Inputs.Reshape(-1);
            }

            Assert.False(batch.Inputs.IsDisposed);
        }
    }

    [Fact]
    public void Prefetcher_AbandonedEarly_StopsItsThreadAndDisposesWhatIsLeft()
    {
        List<Item> items = [];
        Prefetcher<Item> ahead = new(index => Add(items, index), 0, 1000, ahead: 3);
        Assert.Equal(0, ahead.Next().Index);
        Assert.Equal(1, ahead.Next().Index);

        ahead.Dispose();

        Assert.False(ahead.IsRunning);
        Assert.InRange(items.Count, 2, 6);
        Assert.All(items.Skip(2), item => Assert.True(item.Disposed));
        Assert.All(items.Take(2), item => Assert.False(item.Disposed));
    }

    [Fact]
    public void Prefetcher_ItemsBeforeAFailure_AreStillHandedOut()
    {
        using Prefetcher<Item> ahead = new(
            index => index < 2 ? new Item(index) : throw new FormatException("2"), 0, 10, ahead: 5);

        Assert.Equal(0, ahead.Next().Index);
        Assert.Equal(1, ahead.Next().Index);
        Assert.Throws<FormatException>(ahead.Next);
    }

    [Fact]
    public void Loader_Augmented_VariesImagesBySeedEpochAndNumberAlone()
    {
        byte[] images = [.. Enumerable.Range(0, 3 * 2 * 8 * 8).Select(i => (byte)(i * 7))];
        ImagePart part = new(images, new byte[] { 0, 1, 0 }, [2, 8, 8], 2, ImageNormalization.Unit(2));
        float[][] Epoch(DataLoader loader) => [.. loader.Select(batch => batch.Inputs.ToArray<float>())];
        DataLoader one = new(part, 1, seed: 3, shuffle: false, augmentation: new ImageAugmentation(2, true));
        DataLoader three = new(part, 3, seed: 3, shuffle: false, augmentation: new ImageAugmentation(2, true));
        float[][] first = Epoch(one);
        float[][] second = Epoch(one);

        Assert.Equal(first.SelectMany(image => image), Epoch(three)[0]);
        Assert.NotEqual(first.SelectMany(image => image), second.SelectMany(image => image));
        Assert.Throws<ArgumentException>(() => new DataLoader(new FailingPart(1, -1), 1, augmentation: ImageAugmentation.Cifar));
    }

    [Fact]
    public void Augmentation_EveryCrop_IsAShiftOfTheImageOrItsMirror()
    {
        const int Size = 6;
        byte[] image = [.. Enumerable.Range(1, 2 * Size * Size).Select(i => (byte)i)];
        ImagePart part = new(image, new byte[] { 0 }, [2, Size, Size], 1, ImageNormalization.Unit(2));
        HashSet<(int, int, bool)> found = [];
        for (int epoch = 0; epoch < 400; epoch++)
        {
            using Tensor inputs = Tensor.Empty([1, 2, Size, Size]);
            using Tensor labels = Tensor.Empty([1], DType.Int32);
            part.Fill([0], new SampleDraw(1, epoch, new ImageAugmentation(1, true)), inputs, labels);
            byte[] varied = [.. inputs.ToArray<float>().Select(value => (byte)MathF.Round(value * 255))];
            found.Add(Explain(image, varied, Size));
        }

        // Three shifts down, three across, mirrored or not.
        Assert.Equal(18, found.Count);
    }

    [Fact]
    public void Normalization_AnyLength_IsBytesMinusMeanOverDeviation()
    {
        ImageNormalization normalization = new([0.25, 0.5], [0.5, 2], white: 16);
        foreach (int size in new[] { 1, 5, 8, 9 })
        {
            byte[] images = [.. Enumerable.Range(0, 2 * size * size).Select(i => (byte)(i % 17))];
            ImagePart part = new(images, new byte[] { 0 }, [2, size, size], 1, normalization);
            using Tensor inputs = Tensor.Empty([1, 2, size, size]);
            using Tensor labels = Tensor.Empty([1], DType.Int32);
            part.Fill([0], new SampleDraw(0, 0), inputs, labels);
            float[] numbers = inputs.ToArray<float>();
            for (int i = 0; i < numbers.Length; i++)
            {
                bool second = i >= size * size;
                Assert.Equal(((images[i] / 16.0) - (second ? 0.5 : 0.25)) / (second ? 2 : 0.5), numbers[i], 1e-6);
            }
        }
    }

    [Fact]
    public void ImagePart_SizesOrLabelsThatDisagree_AreRefused()
    {
        ImageNormalization unit = ImageNormalization.Unit(1);
        Assert.Contains("Expected 8 bytes", Assert.Throws<ArgumentException>(() => new ImagePart(new byte[7], new byte[2], [1, 2, 2], 2, unit)).Message, StringComparison.Ordinal);
        Assert.Contains("found 2 for image 1", Assert.Throws<ArgumentException>(() => new ImagePart(new byte[8], new byte[] { 0, 2 }, [1, 2, 2], 2, unit)).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 256 classes", Assert.Throws<ArgumentException>(() => new ImagePart(new byte[4], new byte[1], [1, 2, 2], 0, unit)).Message, StringComparison.Ordinal);
        Assert.Contains("as many means", Assert.Throws<ArgumentException>(() => new ImagePart(new byte[12], new byte[1], [3, 2, 2], 1, unit)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ImageNormalization([0.5], [0.5, 0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageNormalization([0.5], [0]));
    }

    private static Item Add(List<Item> items, int index)
    {
        items.Add(new Item(index));
        return items[^1];
    }

    private static IEnumerable<int[]> Labels(DataLoader loader)
    {
        foreach (Batch batch in loader)
        {
            // A sample's one pixel is its number.
            Assert.Equal(batch.Labels.ToArray<int>(), batch.Inputs.ToArray<float>().Select(value => (int)MathF.Round(value * 255)));
            yield return batch.Labels.ToArray<int>();
        }
    }

    private static ImagePart Part(int count)
    {
        byte[] numbers = [.. Enumerable.Range(0, count).Select(i => (byte)i)];
        return new ImagePart(numbers, numbers, [1, 1, 1], 256, ImageNormalization.Unit(1));
    }

    private static (int Down, int Right, bool Mirrored) Explain(byte[] image, byte[] varied, int size)
    {
        foreach (bool mirrored in new[] { false, true })
        {
            for (int down = -1; down <= 1; down++)
            {
                for (int right = -1; right <= 1; right++)
                {
                    if (varied.SequenceEqual(Shift(image, size, down, right, mirrored)))
                    {
                        return (down, right, mirrored);
                    }
                }
            }
        }

        throw new InvalidOperationException("The image is no shift of the original.");
    }

    private static byte[] Shift(byte[] image, int size, int down, int right, bool mirrored)
    {
        byte[] shifted = new byte[image.Length];
        for (int i = 0; i < image.Length; i++)
        {
            int x = i % size;
            int y = i / size % size;
            int sourceX = (mirrored ? size - 1 - x : x) + right;
            int sourceY = y + down;
            bool inside = sourceX >= 0 && sourceX < size && sourceY >= 0 && sourceY < size;
            shifted[i] = inside ? image[(i / (size * size) * size * size) + (sourceY * size) + sourceX] : (byte)0;
        }

        return shifted;
    }

    private sealed class Item(int index) : IDisposable
    {
        public int Index => index;

        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    private sealed class FailingPart(int count, int failAt, int wrongLabelAt = -1)
        : DatasetPart(count, [1], DType.Float32, Shape.Scalar, DType.Int32, 10)
    {
        public override void Fill(ReadOnlySpan<int> samples, in SampleDraw draw, Tensor inputs, Tensor labels)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                if (samples[i] == failAt)
                {
                    throw new InvalidOperationException($"sample {samples[i]}");
                }

                inputs.AsSpan<float>()[i] = samples[i] / 255f;
                labels.AsSpan<int>()[i] = samples[i] == wrongLabelAt ? 99 : samples[i] % 2 == 0 ? samples[i] : DataLoader.NoLabel;
            }
        }
    }
}
