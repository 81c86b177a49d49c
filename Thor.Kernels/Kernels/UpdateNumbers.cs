using System.Runtime.InteropServices;

namespace Thor.Kernels.Kernels;

/// <summary>The numbers of one optimizer update as kernels take them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UpdateNumbers
{
    /// <summary>Minus the learning rate; for Adam with the bias correction of the mean.</summary>
    public float Back;

    /// <summary>Momentum of the first state.</summary>
    public float Beta1;

    /// <summary>Share of the gradient that enters the first state.</summary>
    public float Share1;

    /// <summary>Decay of the second state.</summary>
    public float Beta2;

    /// <summary>Share of the square that enters it.</summary>
    public float Share2;

    /// <summary>Added to denominators.</summary>
    public float Epsilon;

    /// <summary>Adam's factor of the root of the second state.</summary>
    public float Unbias;

    /// <summary>Factor of the parameter that enters the gradient; 0: none does.</summary>
    public float Decay;

    /// <summary>Factor of the parameter itself, 1 without decoupled decay.</summary>
    public float Shrink;

    /// <summary>Factor of the gradient.</summary>
    public float Scale;

    /// <summary>1 if a factor of the gradient lies on the device.</summary>
    public int HasScale;

    /// <summary>1 on the first update: the velocity is not read.</summary>
    public int Starts;

    /// <summary>1 for look-ahead momentum.</summary>
    public int Nesterov;

    /// <summary>The numbers of a step.</summary>
    public static UpdateNumbers Of(UpdateRule rule, in UpdateStep step, bool hasScale)
    {
        bool adam = rule == UpdateRule.Adam;
        return new UpdateNumbers
        {
            Back = (float)(adam ? -step.LearningRate / (1 - Math.Pow(step.Beta1, step.Count)) : -step.LearningRate),
            Beta1 = (float)step.Beta1,
            Share1 = (float)(rule == UpdateRule.Momentum ? 1 - step.Dampening : 1 - step.Beta1),
            Beta2 = (float)step.Beta2,
            Share2 = (float)(1 - step.Beta2),
            Epsilon = (float)step.Epsilon,
            Unbias = adam ? (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Count))) : 1,
            Decay = step.DecoupledDecay ? 0 : (float)step.WeightDecay,
            Shrink = step.DecoupledDecay ? (float)(1 - (step.LearningRate * step.WeightDecay)) : 1,
            Scale = (float)step.GradientScale,
            HasScale = hasScale ? 1 : 0,
            Starts = step.Count == 1 ? 1 : 0,
            Nesterov = step.Nesterov ? 1 : 0,
        };
    }
}
