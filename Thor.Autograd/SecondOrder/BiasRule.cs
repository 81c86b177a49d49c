namespace Thor.Autograd.SecondOrder;

/// <summary>What happens to the bias of a layer whose weight is preconditioned.</summary>
public enum BiasRule
{
    /// <summary>It is trained along its own gradient.</summary>
    FirstOrder,

    /// <summary>It is one more column of the weight, and A has one more row for the constant input 1.</summary>
    Homogeneous,
}
