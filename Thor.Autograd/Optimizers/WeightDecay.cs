namespace Thor.Autograd.Optimizers;

/// <summary>How weights are pulled toward zero. A plain number is coupled decay, torch's weight_decay.</summary>
/// <param name="Coefficient">Strength.</param>
/// <param name="IsDecoupled">
/// False: coefficient times weight is added to the gradient. True: the weight shrinks by learning rate times coefficient and the
/// rule does not see it (Loshchilov and Hutter 2019).
/// </param>
/// <param name="IsEarly">
/// True: coefficient times weight is added to the gradient before it is preconditioned, in place. Without a preconditioner that is coupled decay.
/// </param>
public readonly record struct WeightDecay(double Coefficient, bool IsDecoupled = false, bool IsEarly = false)
{
    /// <summary>Coupled decay.</summary>
    public static implicit operator WeightDecay(double coefficient) => new(coefficient);

    /// <summary>Decoupled decay.</summary>
    public static WeightDecay Decoupled(double coefficient) => new(coefficient, true);

    /// <summary>Decay that is preconditioned with the gradient.</summary>
    public static WeightDecay Early(double coefficient) => new(coefficient, IsEarly: true);
}
