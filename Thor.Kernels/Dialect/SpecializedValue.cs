namespace Thor.Kernels.Dialect;

/// <summary>
/// A kernel argument that is a constant inside the kernel: every value gets a compiled variant of its own, so it may size arrays and
/// bound loops that unroll.
/// </summary>
/// <typeparam name="T">int.</typeparam>
public readonly record struct SpecializedValue<T>(T Value)
    where T : unmanaged, IEquatable<T>
{
    /// <summary>The value as a number.</summary>
    public static implicit operator T(SpecializedValue<T> value) => value.Value;
}

/// <summary>Makes specialised values.</summary>
public static class SpecializedValue
{
    /// <summary>A value that the kernel is compiled for.</summary>
    public static SpecializedValue<T> New<T>(T value)
        where T : unmanaged, IEquatable<T> => new(value);
}
