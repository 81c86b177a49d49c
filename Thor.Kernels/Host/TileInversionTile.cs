using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>A tile on its way to its inverse.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe struct TileInversionTile<T>(T* source, T* destination, double damping)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The tile, of which the upper triangle is read.</summary>
    public readonly T* Source = source;

    /// <summary>Where its inverse goes.</summary>
    public readonly T* Destination = destination;

    /// <summary>Added to the diagonal.</summary>
    public double Damping = damping;

    /// <summary>Largest magnitude on the damped diagonal.</summary>
    public double Largest;

    /// <summary>Power of two that takes that to 1 or between 1 and 2.</summary>
    public double Power;

    /// <summary>The same as an element.</summary>
    public T Scale;

    /// <summary>Scaled damping.</summary>
    public T Shift;

    /// <summary>Largest element on the diagonal of the scaled inverse.</summary>
    public double Top;

    /// <summary>Elements of the scaled inverse of smaller magnitude become 0.</summary>
    public T Floor;

    /// <summary>0, or why there is no inverse, see <see cref="TileInverse"/>.</summary>
    public int Status;

    /// <summary>Inverts a tile of one element, whose inverse is its reciprocal, rounded once.</summary>
    public void InvertElement()
    {
        double value = double.CreateTruncating(*Source) + Damping;
        T inverse = T.CreateTruncating(1 / value);
        Status = !double.IsFinite(value) ? TileInverse.NotFinite
            : value <= 0 ? 1
            : T.IsFinite(inverse) ? 0
            : TileInverse.Hopeless;
        if (Status == 0)
        {
            *Destination = inverse;
        }
    }
}
