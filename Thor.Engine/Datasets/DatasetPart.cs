namespace Thor.Engine.Datasets;

/// <summary>A numbered set of samples, the training or the test half of a <see cref="Dataset"/>. Safe to read from several threads.</summary>
public abstract class DatasetPart
{
    /// <summary>Describes the samples.</summary>
    protected DatasetPart(int count, Shape inputShape, DType inputType, Shape labelShape, DType labelType, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        InputShape = inputShape;
        InputType = inputType;
        LabelShape = labelShape;
        LabelType = labelType;
        Classes = classes;
    }

    /// <summary>Number of samples.</summary>
    public int Count { get; }

    /// <summary>Shape of one input, without the batch axis; (channels, height, width) for images.</summary>
    public Shape InputShape { get; }

    /// <summary>Element type of the inputs.</summary>
    public DType InputType { get; }

    /// <summary>Shape of one label, without the batch axis; a scalar for a class.</summary>
    public Shape LabelShape { get; }

    /// <summary>Element type of the labels; Int32 for classes.</summary>
    public DType LabelType { get; }

    /// <summary>Labels lie in [0, Classes), or are -100 where there is nothing to predict; 0 where labels are not classes.</summary>
    public int Classes { get; }

    /// <summary>True if <see cref="Fill"/> can apply an <see cref="ImageAugmentation"/>.</summary>
    public virtual bool CanAugment => false;

    /// <summary>Writes samples into contiguous host tensors.</summary>
    /// <param name="samples">Numbers of the samples, each in [0, Count).</param>
    /// <param name="draw">What randomness may depend on, beside the number of the sample.</param>
    /// <param name="inputs">(samples, input shape...), every element is written.</param>
    /// <param name="labels">(samples, label shape...), every element is written.</param>
    public abstract void Fill(ReadOnlySpan<int> samples, in SampleDraw draw, Tensor inputs, Tensor labels);
}
