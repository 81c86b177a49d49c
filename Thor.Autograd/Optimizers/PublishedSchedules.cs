namespace Thor.Autograd.Optimizers;

/// <summary>The schedules that THOR was published with (Chen et al. 2021). Each is composed of the forms of <see cref="Schedule"/>, which is also its text.</summary>
public static class PublishedSchedules
{
    /// <summary>The text that stands for <see cref="ResNetRate"/>, with ":STEPS_PER_EPOCH" behind it.</summary>
    public const string ResNetRateName = "thor-resnet-rate";

    /// <summary>The text that stands for <see cref="ResNetDamping"/>, with ":STEPS_PER_EPOCH" behind it.</summary>
    public const string ResNetDampingName = "thor-resnet-damping";

    /// <summary>The text that stands for <see cref="BertRate"/>.</summary>
    public const string BertRateName = "thor-bert-rate";

    /// <summary>The text that stands for <see cref="BertDamping"/>.</summary>
    public const string BertDampingName = "thor-bert-damping";

    /// <summary>For messages.</summary>
    internal const string Forms =
        $"{ResNetRateName}:STEPS_PER_EPOCH, {ResNetDampingName}:STEPS_PER_EPOCH, {BertRateName}, {BertDampingName}";

    private const long BertSteps = 30000;

    /// <summary>BERT-large: 0.0065 (1 - step / 30000)^2.</summary>
    public static Schedule BertRate { get; } = Schedule.Polynomial(0.0065, 0, BertSteps, 2);

    /// <summary>BERT-large: 0.007 (1 - step / 30000)^4.</summary>
    public static Schedule BertDamping { get; } = Schedule.Polynomial(0.007, 0, BertSteps, 4);

    /// <summary>ResNet-50 with batches of 256: 0.058 (1 - e / 53)^4.08 in epochs e, fractional, halved at epoch 39 and again at 40.</summary>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    public static Schedule ResNetRate(long stepsPerEpoch) =>
        Schedule.Polynomial(0.058, 0, 53 * stepsPerEpoch, 4.08).Times(Schedule.Steps(1, 0.5, 39 * stepsPerEpoch, 40 * stepsPerEpoch));

    /// <summary>ResNet-50 with batches of 256: 0.03 * 0.5^(e / 10) in epochs e, fractional.</summary>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    public static Schedule ResNetDamping(long stepsPerEpoch) => Schedule.Exponential(0.03, 0.5, 10 * stepsPerEpoch);
}
