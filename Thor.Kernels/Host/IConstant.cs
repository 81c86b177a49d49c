namespace Thor.Kernels.Host;

/// <summary>A number known when a generic method is compiled for it, so that code for other numbers disappears.</summary>
internal interface IConstant
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}
