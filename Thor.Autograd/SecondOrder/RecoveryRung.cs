namespace Thor.Autograd.SecondOrder;

/// <summary>What a tile that could not be inverted as asked stands on, best first.</summary>
public enum RecoveryRung
{
    /// <summary>The inverse with more damping.</summary>
    MoreDamping,

    /// <summary>The inverse as asked, computed in Float64 on the host.</summary>
    Float64,

    /// <summary>The last good inverse.</summary>
    LastGood,

    /// <summary>The inverse of the damped diagonal.</summary>
    Diagonal,

    /// <summary>The identity.</summary>
    Identity,
}
