using System.Globalization;
using System.Runtime.CompilerServices;

namespace Thor.Engine;

/// <summary>The extents of a tensor, slowest axis first. Immutable; a scalar has rank 0 and one element.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? _extents;

    /// <summary>A shape from its extents, each at least zero.</summary>
    /// <exception cref="ShapeException">An extent is negative.</exception>
    public Shape(params ReadOnlySpan<int> extents)
    {
        foreach (int extent in extents)
        {
            if (extent < 0)
            {
                ShapeException.Throw("Shape", $"extents must be at least zero, got {Format(extents)}");
            }
        }

        _extents = extents.ToArray();
    }

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar => default;

    /// <summary>Number of axes.</summary>
    public int Rank => Extents.Length;

    /// <summary>The extents, slowest axis first.</summary>
    public ReadOnlySpan<int> Extents => _extents;

    /// <summary>Number of elements.</summary>
    public long Length
    {
        get
        {
            long length = 1;
            foreach (int extent in Extents)
            {
                length = checked(length * extent);
            }

            return length;
        }
    }

    /// <summary>Extent of an axis; negative axes count from the end.</summary>
    public int this[int axis] => Extents[Axis(axis)];

    /// <summary>Two shapes are equal when all extents are.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Two shapes differ when any extent does.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>A shape from its extents.</summary>
    public static Shape Create(ReadOnlySpan<int> extents) => new(extents);

    /// <summary>The shape that both broadcast to: axes align at the end, extents agree or one of them is 1.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast together.</exception>
    public static Shape Broadcast(Shape left, Shape right, string operation = "Broadcast")
    {
        if (left == right)
        {
            return left;
        }

        int rank = Math.Max(left.Rank, right.Rank);
        int[] extents = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int a = i <= left.Rank ? left.Extents[^i] : 1;
            int b = i <= right.Rank ? right.Extents[^i] : 1;
            if (a != b && a != 1 && b != 1)
            {
                ShapeException.Throw(operation, $"shapes do not broadcast together, {left} and {right}");
            }

            extents[^i] = a == 1 ? b : a;
        }

        return new Shape(extents);
    }

    /// <summary>The axis counted from the front, for an axis that may count from the end.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis)
    {
        int resolved = axis < 0 ? axis + Rank : axis;
        if ((uint)resolved >= (uint)Rank)
        {
            ShapeException.Throw("Axis", $"axis {axis.ToString(CultureInfo.InvariantCulture)} is outside {this}");
        }

        return resolved;
    }

    /// <summary>The extents in order, for collection expressions and foreach.</summary>
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => Extents.GetEnumerator();

    /// <summary>This shape with one axis replaced.</summary>
    public Shape With(int axis, int extent)
    {
        int[] extents = Extents.ToArray();
        extents[Axis(axis)] = extent;
        return new Shape(extents);
    }

    /// <summary>Row-major strides in elements.</summary>
    public long[] DenseStrides()
    {
        long[] strides = new long[Rank];
        long stride = 1;
        for (int i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, Extents[i]);
        }

        return strides;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Extents.SequenceEqual(other.Extents);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int extent in Extents)
        {
            hash.Add(extent);
        }

        return hash.ToHashCode();
    }

    /// <summary>For example "[32, 128]"; a scalar is "[]".</summary>
    public override string ToString() => Format(Extents);

    private static string Format(ReadOnlySpan<int> extents)
    {
        string[] parts = new string[extents.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = extents[i].ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(", ", parts)}]";
    }
}
