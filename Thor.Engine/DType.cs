namespace Thor.Engine;

/// <summary>Element type of a tensor.</summary>
public enum DType
{
    /// <summary>IEEE 754 binary32; the type of training, on every device.</summary>
    Float32,

    /// <summary>IEEE 754 binary64; on the host, for gradient checks and verification.</summary>
    Float64,

    /// <summary>Signed 32-bit integers: labels, ids and indices.</summary>
    Int32,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type == DType.Float64 ? 8 : 4;

    /// <summary>True for Float32 and Float64.</summary>
    public static bool IsFloating(this DType type) => type != DType.Int32;

    /// <summary>The element type that holds <typeparamref name="T"/>: float, double or int.</summary>
    /// <exception cref="NotSupportedException">T is another type.</exception>
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return DType.Float64;
        }

        if (typeof(T) == typeof(int))
        {
            return DType.Int32;
        }

        throw new NotSupportedException($"Tensors hold float, double or int, not {typeof(T).Name}.");
    }
}
