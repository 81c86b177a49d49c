namespace Thor.Kernels.Kernels;

/// <summary>
/// Optimizer updates in one pass over parameter, gradient and states, with the formulas and roundings of the host (<c>Updates</c>).
/// </summary>
/// <remarks>
/// GPU: groups of 256, four neighbours per thread, which are one vector in every operand. Processor: groups of one thread that takes a run of elements in a loop that
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

    /// <summary>No rule: kernels that can end in an update write what they computed.</summary>
    public const int None = 7;

    /// <summary>Updates parameter and states.</summary>
    /// <param name="parameter">p, changed.</param>
    /// <param name="gradient">g.</param>
    /// <param name="first">First state, changed.</param>
    /// <param name="second">Second state, changed.</param>
    /// <param name="scale">One factor of the gradient, where the numbers say so; NaN: nothing is changed.</param>
    /// <param name="numbers">Of the step.</param>
    /// <param name="length">Elements.</param>
    /// <param name="run">Elements of a thread.</param>
    /// <param name="rule">Of UpdateRule, Descent or RmsPropMomentum.</param>
    /// <param name="vectors">1 if a thread's elements are four that lie as a vector in all operands; else 0.</param>
    [Kernel(MaxGroupSize = GroupSize)]
    [KernelVariants(0, 0), KernelVariants(1, 0), KernelVariants(2, 0), KernelVariants(3, 0), KernelVariants(4, 0), KernelVariants(5, 0), KernelVariants(6, 0)]
    [KernelVariants(0, 1), KernelVariants(1, 1), KernelVariants(2, 1), KernelVariants(3, 1), KernelVariants(4, 1), KernelVariants(5, 1), KernelVariants(6, 1)]
    public static void Update(
        ArrayView<float> parameter,
        ReadOnlyView<float> gradient,
        ArrayView<float> first,
        ArrayView<float> second,
        ReadOnlyView<float> scale,
        UpdateNumbers numbers,
        int length,
        int run,
        SpecializedValue<int> rule,
        SpecializedValue<int> vectors)
    {
        float factor = Factor(numbers, scale);
        int start = ((Grid.IdxX * Group.DimX) + Group.IdxX) * run;
        int end = XMath.IsNaN(factor) ? start : XMath.Min(length, start + run);
        if (vectors.Value == 1 && start + 3 < end)
        {
            int four = start >> 2;
            ReadOnlyView<FloatX4> gradients = gradient.Cast<FloatX4>();
            ArrayView<FloatX4> parameters = parameter.Cast<FloatX4>();
            FloatX4 g = gradients[four];
            FloatX4 p = parameters[four];
            FloatX4 f = FloatX4.Splat(0f);
            FloatX4 s = f;
            if (KeepsFirst(rule.Value))
            {
                ArrayView<FloatX4> firsts = first.Cast<FloatX4>();
                f = firsts[four];
            }

            if (KeepsSecond(rule.Value))
            {
                ArrayView<FloatX4> seconds = second.Cast<FloatX4>();
                s = seconds[four];
            }

            UpdatedElement e0 = Step(rule.Value, numbers, g.X * factor, p.X, f.X, s.X);
            UpdatedElement e1 = Step(rule.Value, numbers, g.Y * factor, p.Y, f.Y, s.Y);
            UpdatedElement e2 = Step(rule.Value, numbers, g.Z * factor, p.Z, f.Z, s.Z);
            UpdatedElement e3 = Step(rule.Value, numbers, g.W * factor, p.W, f.W, s.W);
            parameters[four] = new FloatX4(e0.Parameter, e1.Parameter, e2.Parameter, e3.Parameter);
            if (KeepsFirst(rule.Value))
            {
                ArrayView<FloatX4> firsts = first.Cast<FloatX4>();
                firsts[four] = new FloatX4(e0.First, e1.First, e2.First, e3.First);
            }

            if (KeepsSecond(rule.Value))
            {
                ArrayView<FloatX4> seconds = second.Cast<FloatX4>();
                seconds[four] = new FloatX4(e0.Second, e1.Second, e2.Second, e3.Second);
            }
        }
        else
        {
            for (int i = start; i < Iterations.Independent(end); i++)
            {
                float p = parameter[i];
                float f = 0f;
                float s = 0f;
                if (KeepsFirst(rule.Value))
                {
                    f = first[i];
                }

                if (KeepsSecond(rule.Value))
                {
                    s = second[i];
                }

                UpdatedElement e = Step(rule.Value, numbers, gradient[i] * factor, p, f, s);
                parameter[i] = e.Parameter;
                if (KeepsFirst(rule.Value))
                {
                    first[i] = e.First;
                }

                if (KeepsSecond(rule.Value))
                {
                    second[i] = e.Second;
                }
            }
        }
    }

    /// <summary>The factor of the gradient; NaN: nothing is changed.</summary>
    internal static float Factor(UpdateNumbers numbers, ReadOnlyView<float> scale)
    {
        float factor = numbers.Scale;
        if (numbers.HasScale != 0)
        {
            factor *= scale[0];
        }

        return factor;
    }

    /// <summary>Updates one element by momentum or descent.</summary>
    /// <param name="rule">UpdateRule.Momentum or Descent.</param>
    /// <param name="numbers">Of the step.</param>
    /// <param name="gradient">The gradient times its factor.</param>
    /// <param name="parameter">p, changed.</param>
    /// <param name="velocity">v, changed by momentum.</param>
    /// <param name="at">Which element of both.</param>
    internal static void Move(int rule, UpdateNumbers numbers, float gradient, ArrayView<float> parameter, ArrayView<float> velocity, long at)
    {
        float v = 0f;
        if (KeepsFirst(rule))
        {
            v = velocity[at];
        }

        UpdatedElement e = Step(rule, numbers, gradient, parameter[at], v, 0f);
        parameter[at] = e.Parameter;
        if (KeepsFirst(rule))
        {
            velocity[at] = e.First;
        }
    }

    /// <summary>Whether a rule keeps a first state.</summary>
    internal static bool KeepsFirst(int rule) => rule != Descent;

    private static bool KeepsSecond(int rule) => rule == (int)UpdateRule.Adam || rule == (int)UpdateRule.Adadelta || rule == RmsPropMomentum;

    /// <summary>One element: parameter and states after the step.</summary>
    internal static UpdatedElement Step(int rule, UpdateNumbers numbers, float gradient, float parameter, float firstBefore, float secondBefore)
    {
        float first = firstBefore;
        float second = secondBefore;
        float p = parameter * numbers.Shrink;
        float g = numbers.Decay != 0f ? Fused.MultiplyAdd(numbers.Decay, parameter, gradient) : gradient;
        if (rule == (int)UpdateRule.Momentum)
        {
            float blended = Fused.MultiplyAdd(numbers.Beta1, first, numbers.Share1 * g);
            float v = numbers.Starts != 0 ? g : blended;
            first = v;
            g = numbers.Nesterov != 0 ? Fused.MultiplyAdd(numbers.Beta1, v, g) : v;
        }
        else if (rule == (int)UpdateRule.AdaGrad)
        {
            first = Fused.MultiplyAdd(g, g, first);
            g = g / (XMath.Sqrt(first) + numbers.Epsilon);
        }
        else if (IsRmsProp(rule))
        {
            first = MeanSquare(numbers, first, g);
            g = g / (XMath.Sqrt(first) + numbers.Epsilon);
            if (rule == RmsPropMomentum)
            {
                g = Fused.MultiplyAdd(numbers.Beta1, second, g);
                second = g;
            }
        }
        else if (rule == (int)UpdateRule.Adadelta)
        {
            first = MeanSquare(numbers, first, g);
            g = XMath.Sqrt(second + numbers.Epsilon) / XMath.Sqrt(first + numbers.Epsilon) * g;
            second = MeanSquare(numbers, second, g);
        }
        else if (rule == (int)UpdateRule.Adam)
        {
            first = Fused.MultiplyAdd(numbers.Beta1, first, numbers.Share1 * g);
            second = MeanSquare(numbers, second, g);
            g = first / Fused.MultiplyAdd(XMath.Sqrt(second), numbers.Unbias, numbers.Epsilon);
        }

        UpdatedElement result;
        result.Parameter = Fused.MultiplyAdd(numbers.Back, g, p);
        result.First = first;
        result.Second = second;
        return result;
    }

    private static bool IsRmsProp(int rule) => rule == (int)UpdateRule.RmsProp || rule == RmsPropMomentum;

    /// <summary>beta2 state + (1 - beta2) x^2.</summary>
    private static float MeanSquare(UpdateNumbers numbers, float state, float x) =>
        Fused.MultiplyAdd(numbers.Beta2, state, numbers.Share2 * x * x);
}
