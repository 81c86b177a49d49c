using Thor.Kernels.Accelerators;

namespace Thor.Kernels.Kernels;

/// <summary>Launches optimizer updates.</summary>
public static class UpdateLaunch
{
    private const int Grain = 16384;
    private const int PerVector = 4;

    /// <summary>One update in place; see <see cref="UpdateStep"/>.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="rule">Which.</param>
    /// <param name="step">Its numbers.</param>
    /// <param name="parameter">Changed.</param>
    /// <param name="gradient">As long.</param>
    /// <param name="first">First state, as long, changed.</param>
    /// <param name="second">Second state; empty where the rule has none.</param>
    /// <param name="gradientScale">One factor of the gradient on the device, or empty; NaN: nothing is changed.</param>
    /// <exception cref="ArgumentNullException">The rule needs a second state.</exception>
    public static void Update(
        AcceleratorStream stream,
        UpdateRule rule,
        in UpdateStep step,
        ArrayView<float> parameter,
        ArrayView<float> gradient,
        ArrayView<float> first,
        ArrayView<float> second,
        ArrayView<float> gradientScale)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int length = parameter.IntLength;
        if (length == 0)
        {
            return;
        }

        bool needsSecond = rule is UpdateRule.Adam or UpdateRule.Adadelta || (rule == UpdateRule.RmsProp && step.Beta1 != 0);
        if (needsSecond && !second.IsValid)
        {
            throw new ArgumentNullException(nameof(second), $"{rule} keeps two state tensors.");
        }

        bool processor = DeviceShape.IsProcessor(stream);
        bool vectors = !processor && IsAligned(parameter) && IsAligned(gradient) && IsAligned(first) && IsAligned(second);
        int run = processor ? Grain : vectors ? PerVector : 1;
        int threads = (int)(((long)length + run - 1) / run);
        stream.Launch(KernelConfig.Cover(threads, processor ? 1 : UpdateKernels.GroupSize), new UpdateKernels.UpdateKernel(
            parameter,
            gradient,
            first,
            second,
            gradientScale,
            UpdateNumbers.Of(rule, step, gradientScale.IsValid),
            length,
            run,
            new SpecializedValue<int>(NumberOf(rule, step)),
            new SpecializedValue<int>(vectors ? 1 : 0)));
    }

    /// <summary>The number by which kernels know a rule with these numbers.</summary>
    internal static int NumberOf(UpdateRule rule, in UpdateStep step) => rule switch
    {
        UpdateRule.Momentum when step.Beta1 == 0 => UpdateKernels.Descent,
        UpdateRule.RmsProp when step.Beta1 != 0 => UpdateKernels.RmsPropMomentum,
        _ => (int)rule,
    };

    private static bool IsAligned(ArrayView<float> view) => view.OffsetInBytes % (PerVector * sizeof(float)) == 0;
}
