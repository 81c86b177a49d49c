namespace Thor.Engine.Datasets;

/// <summary>Samples to train on and samples to test with, of the same kind.</summary>
public class Dataset
{
    /// <summary>A data set of two parts.</summary>
    /// <exception cref="ArgumentException">The parts differ in shapes, types or classes, or the names do not match the classes.</exception>
    public Dataset(string name, DatasetPart train, DatasetPart test, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        if (train.InputShape != test.InputShape || train.InputType != test.InputType || train.LabelShape != test.LabelShape
            || train.LabelType != test.LabelType || train.Classes != test.Classes)
        {
            throw new ArgumentException(
                $"Training and test samples differ: inputs {train.InputType}{train.InputShape} and {test.InputType}{test.InputShape}, "
                + $"labels {train.LabelType}{train.LabelShape} and {test.LabelType}{test.LabelShape}, {train.Classes} and {test.Classes} classes.", nameof(test));
        }

        if (classNames is not null && classNames.Count != train.Classes)
        {
            throw new ArgumentException($"Expected {train.Classes} class names, found {classNames.Count}.", nameof(classNames));
        }

        Name = name;
        Train = train;
        Test = test;
        ClassNames = classNames ?? [];
    }

    /// <summary>What it is called, for logs.</summary>
    public string Name { get; }

    /// <summary>Samples to train on.</summary>
    public DatasetPart Train { get; }

    /// <summary>Samples to test with.</summary>
    public DatasetPart Test { get; }

    /// <summary>Number of classes; 0 where labels are not classes.</summary>
    public int Classes => Train.Classes;

    /// <summary>Shape of one input, without the batch axis; (channels, height, width) for images.</summary>
    public Shape InputShape => Train.InputShape;

    /// <summary>What the classes are called; empty where that is not known.</summary>
    public IReadOnlyList<string> ClassNames { get; }
}
