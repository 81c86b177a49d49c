namespace Thor.Autograd.Losses;

/// <summary>How the losses of elements become one number.</summary>
public enum LossReduction
{
    /// <summary>The mean over all elements.</summary>
    Mean,

    /// <summary>The sum over the elements of each sample (all axes but the first), averaged over samples.</summary>
    SumPerSample,

    /// <summary>The sum over all elements of all samples.</summary>
    Sum,
}
