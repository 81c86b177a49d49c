namespace Thor.Engine.Datasets;

/// <summary>Images kept as bytes and normalised when they are asked for. Inputs are Float32 (channels, height, width), labels Int32 classes.</summary>
public sealed class ImagePart : DatasetPart
{
    private readonly ReadOnlyMemory<byte> _images;
    private readonly ReadOnlyMemory<byte> _labels;
    private readonly int _imageBytes;

    /// <summary>Images and their classes. The memory is used, not copied.</summary>
    /// <param name="images">Image by image, channel by channel, row by row.</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="shape">(channels, height, width).</param>
    /// <param name="classes">Number of classes, at most 256.</param>
    /// <param name="normalization">How bytes become numbers; one mean and deviation for each channel.</param>
    /// <exception cref="ArgumentException">The sizes do not agree or a label is not a class.</exception>
    public ImagePart(ReadOnlyMemory<byte> images, ReadOnlyMemory<byte> labels, Shape shape, int classes, ImageNormalization normalization)
        : base(labels.Length, shape, DType.Float32, Shape.Scalar, DType.Int32, classes)
    {
        ArgumentNullException.ThrowIfNull(normalization);
        if (shape.Rank != 3 || normalization.Means.Count != shape[0])
        {
            throw new ArgumentException(
                $"Expected images (channels, height, width) and as many means as channels, found {shape} and {normalization.Means.Count}.", nameof(shape));
        }

        if (images.Length != labels.Length * shape.Length)
        {
            throw new ArgumentException(
                $"Expected {labels.Length * shape.Length} bytes for {labels.Length} images {shape}, found {images.Length}.", nameof(images));
        }

        int wrong = labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)Math.Clamp(classes - 1, 0, 255));
        if (wrong >= 0 || classes is < 1 or > 256)
        {
            throw new ArgumentException(
                wrong < 0 ? $"Expected 1 to 256 classes, found {classes}." : $"Expected labels below {classes}, found {labels.Span[wrong]} for image {wrong}.",
                nameof(labels));
        }

        _images = images;
        _labels = labels;
        _imageBytes = (int)shape.Length;
        Normalization = normalization;
    }

    /// <summary>How bytes become numbers.</summary>
    public ImageNormalization Normalization { get; }

    /// <inheritdoc/>
    public override bool CanAugment => true;

    /// <summary>The class of an image.</summary>
    public int Label(int sample) => _labels.Span[sample];

    /// <summary>The bytes of an image, channel by channel, row by row.</summary>
    public ReadOnlySpan<byte> Image(int sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, Count);
        return _images.Span.Slice(sample * _imageBytes, _imageBytes);
    }

    /// <inheritdoc/>
    public override void Fill(ReadOnlySpan<int> samples, in SampleDraw draw, Tensor inputs, Tensor labels)
    {
        Span<float> numbers = inputs.AsSpan<float>();
        Span<int> classes = labels.AsSpan<int>();
        int channels = InputShape[0];
        int plane = _imageBytes / Math.Max(1, channels);
        byte[] varied = draw.Augmentation is null ? [] : new byte[_imageBytes];
        for (int i = 0; i < samples.Length; i++)
        {
            classes[i] = Label(samples[i]);
            ReadOnlySpan<byte> image = Image(samples[i]);
            if (draw.Augmentation is not null)
            {
                draw.Augmentation.Apply(image, InputShape, draw.Stream(samples[i]), varied);
                image = varied;
            }

            for (int channel = 0; channel < channels; channel++)
            {
                Normalization.Apply(
                    channel, image.Slice(channel * plane, plane), numbers.Slice((i * _imageBytes) + (channel * plane), plane));
            }
        }
    }
}
