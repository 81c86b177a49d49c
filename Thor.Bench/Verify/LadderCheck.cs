using Thor.Engine;

namespace Thor.Bench.Verify;

/// <summary>A rung of the ladder: an identity of second-order training that must hold but for roundings.</summary>
/// <param name="Name">What is printed.</param>
/// <param name="Roundings">Bound in units of roundoff of the element type; 0 for results that must be equal.</param>
/// <param name="Measure">The error, relative as the rung says.</param>
/// <param name="Type">In which type the device computes.</param>
internal sealed record LadderCheck(string Name, double Roundings, Func<Subject, double> Measure, DType Type = DType.Float32)
    : Check(Name)
{
    /// <summary>A bound that is no matter of roundings, as for what is drawn; null for one of roundings.</summary>
    public double? Absolute { get; init; }

    /// <inheritdoc/>
    public override CheckResult Run(Device device)
    {
        using Subject subject = new(device, Type);
        return Run(subject);
    }

    /// <summary>Looks at a subject, perhaps a falsified one.</summary>
    public CheckResult Run(Subject subject) => CheckResult.Of(Name, Measure(subject), Absolute ?? (Roundings * subject.Unit));

    /// <summary>Largest difference of elements, relative to the largest expected one.</summary>
    public static double Error(ReferenceMatrix expected, ReferenceMatrix actual)
    {
        double worst = 0;
        for (int i = 0; i < expected.Elements.Length; i++)
        {
            double difference = Math.Abs(expected.Elements[i] - actual.Elements[i]);
            worst = double.IsNaN(difference) ? double.NaN : Math.Max(worst, difference);
        }

        return worst / expected.Largest();
    }

    /// <inheritdoc cref="Error(ReferenceMatrix, ReferenceMatrix)"/>
    public static double Error(double[] expected, double[] actual) =>
        Error(new ReferenceMatrix(1, expected.Length, expected), new ReferenceMatrix(1, actual.Length, actual));
}
