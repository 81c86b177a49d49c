namespace Thor.Kernels.Kernels;

/// <summary>
/// Optimizer updates in one pass over parameter, gradient and states, with the formulas and roundings of the host (<c>Updates</c>).
/// </summary>
/// <remarks>
/// GPU: groups of 256, one element per thread, all of whose loads are independent. Processor: groups of one thread that takes a run of elements in a loop that
/// becomes vector code. No shared memory; 12 to 28 bytes of traffic per element for 5 to 20 operations.
/// </remarks>
internal static partial class UpdateKernels
{
    /// <summary>Threads of a GPU's group.</summary>
    public const int GroupSize = 256;

    /// <summary>Numbers of rules beyond those of <see cref="UpdateRule"/>: gradient descent without momentum, which keeps no state.</summary>
    public const int Descent = 5;

    /// <summary>RMSprop with momentum, which keeps two states.</summary>
    public const int RmsPropMomentum = 6;

    /// <summary>Updates parameter and states.</summary>
    /// <param name="parameter">p, changed.</param>
    /// <param name="gradient">g.</param>
    /// <param name="first">First state, changed.</param>
    /// <param name="second">Second state, changed.</param>
    /// <param name="scale">One factor of the gradient, where the numbers say so; NaN: nothing is changed.</param>
    /// <param name="numbers">Of the step.</param>
    /// <param name="length">Elements.</param>
    /// <param name="run">Elements of a thread: 1 side by side, more along.</param>
    /// <param name="rule">Of UpdateRule, Descent or RmsPropMomentum.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0), KernelVariants(1), KernelVariants(2), KernelVariants(3), KernelVariants(4), KernelVariants(5), KernelVariants(6)]
    public static void Update(
        ArrayView<float> parameter,
        ReadOnlyView<float> gradient,
        ArrayView<float> first,
        ArrayView<float> second,
        ReadOnlyView<float> scale,
        UpdateNumbers numbers,
        int length,
        int run,
        SpecializedValue<int> rule)
    {
        float factor = numbers.Scale;
        if (numbers.HasScale != 0)
        {
            factor *= scale[0];
        }

        int start = ((Grid.IdxX * Group.DimX) + Group.IdxX) * run;
        int end = XMath.IsNaN(factor) ? start : XMath.Min(length, start + run);
        for (int i = start; i < Iterations.Independent(end); i++)
        {
            float g = gradient[i] * factor;
            float p = parameter[i];
            g = numbers.Decay != 0f ? Fused.MultiplyAdd(numbers.Decay, p, g) : g;
            p *= numbers.Shrink;
            if (rule.Value == (int)UpdateRule.Momentum)
            {
                float blended = Fused.MultiplyAdd(numbers.Beta1, first[i], numbers.Share1 * g);
                float v = numbers.Starts != 0 ? g : blended;
                first[i] = v;
                g = numbers.Nesterov != 0 ? Fused.MultiplyAdd(numbers.Beta1, v, g) : v;
            }
            else if (rule.Value == (int)UpdateRule.AdaGrad)
            {
                float s = Fused.MultiplyAdd(g, g, first[i]);
                first[i] = s;
                g = g / (XMath.Sqrt(s) + numbers.Epsilon);
            }
            else if (IsRmsProp(rule.Value))
            {
                float s = MeanSquare(numbers, first[i], g);
                first[i] = s;
                g = g / (XMath.Sqrt(s) + numbers.Epsilon);
                if (rule.Value == RmsPropMomentum)
                {
                    g = Fused.MultiplyAdd(numbers.Beta1, second[i], g);
                    second[i] = g;
                }
            }
            else if (rule.Value == (int)UpdateRule.Adadelta)
            {
                float s = MeanSquare(numbers, first[i], g);
                first[i] = s;
                float d = second[i];
                g = XMath.Sqrt(d + numbers.Epsilon) / XMath.Sqrt(s + numbers.Epsilon) * g;
                second[i] = MeanSquare(numbers, d, g);
            }
            else if (rule.Value == (int)UpdateRule.Adam)
            {
                float m = Fused.MultiplyAdd(numbers.Beta1, first[i], numbers.Share1 * g);
                first[i] = m;
                float s = MeanSquare(numbers, second[i], g);
                second[i] = s;
                g = m / Fused.MultiplyAdd(XMath.Sqrt(s), numbers.Unbias, numbers.Epsilon);
            }

            parameter[i] = Fused.MultiplyAdd(numbers.Back, g, p);
        }
    }

    private static bool IsRmsProp(int rule) => rule == (int)UpdateRule.RmsProp || rule == RmsPropMomentum;

    /// <summary>beta2 state + (1 - beta2) x^2.</summary>
    private static float MeanSquare(UpdateNumbers numbers, float state, float x) =>
        Fused.MultiplyAdd(numbers.Beta2, state, numbers.Share2 * x * x);
}
