using System.Runtime.CompilerServices;

namespace Thor.Kernels.Host;

/// <summary>
/// The extents of an element-wise loop and the strides of up to four operands, with axes of extent 1 dropped and
/// neighbouring axes merged wherever every operand steps through them as through one.
/// </summary>
public struct StridedLoop
{
    /// <summary>Most axes that may be left after merging.</summary>
    public const int MaximumRank = 16;

    /// <summary>Most operands.</summary>
    public const int Operands = 4;

    private AxisExtents _extents;
    private AxisStrides _strides;

    /// <summary>A loop over the given extents; an operand without strides is not used.</summary>
    /// <exception cref="NotSupportedException">More than <see cref="MaximumRank"/> axes are left.</exception>
    public StridedLoop(
        ReadOnlySpan<int> extents, ReadOnlySpan<long> first, ReadOnlySpan<long> second = default, ReadOnlySpan<long> third = default, ReadOnlySpan<long> fourth = default)
    {
        Span<long> step = stackalloc long[Operands];
        Length = 1;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            int extent = extents[axis];
            Length *= extent;
            if (extent == 1)
            {
                continue;
            }

            step[0] = first[axis];
            step[1] = second.IsEmpty ? 0 : second[axis];
            step[2] = third.IsEmpty ? 0 : third[axis];
            step[3] = fourth.IsEmpty ? 0 : fourth[axis];
            Append(extent, step);
        }

        if (Rank == 0)
        {
            step.Clear();
            step[0] = 1;
            Append(1, step);
        }
    }

    /// <summary>Axes left, at least one.</summary>
    public int Rank { get; private set; }

    /// <summary>Number of elements.</summary>
    public long Length { get; private set; }

    /// <summary>Extent of the innermost axis.</summary>
    public readonly long Inner => _extents[Rank - 1];

    /// <summary>Extent of an axis.</summary>
    public readonly long Extent(int axis) => _extents[axis];

    /// <summary>Distance in elements between neighbours of an operand along an axis.</summary>
    public readonly long Stride(int operand, int axis) => _strides[(operand * MaximumRank) + axis];

    /// <summary>Distance between neighbours of an operand along the innermost axis.</summary>
    public readonly long InnerStride(int operand) => _strides[(operand * MaximumRank) + Rank - 1];

    /// <summary>
    /// The loop over the axes outside the innermost along which an operand repeats (stride 0), or over those along which it
    /// does not.
    /// </summary>
    public readonly StridedLoop Outer(int operand, bool repeats)
    {
        StridedLoop outer = new([], []);
        outer.Rank = 0;
        Span<long> step = stackalloc long[Operands];
        for (int axis = 0; axis < Rank - 1; axis++)
        {
            if ((Stride(operand, axis) == 0) == repeats)
            {
                for (int other = 0; other < Operands; other++)
                {
                    step[other] = Stride(other, axis);
                }

                outer.Length *= _extents[axis];
                outer.Append(_extents[axis], step);
            }
        }

        return outer;
    }

    /// <summary>Where an operand is at the index-th combination of all axes, the last one fastest.</summary>
    public readonly long Offset(int operand, long index)
    {
        long offset = 0;
        for (int axis = Rank - 1; axis >= 0; axis--)
        {
            long extent = _extents[axis];
            long quotient = index / extent;
            offset += (index - (quotient * extent)) * Stride(operand, axis);
            index = quotient;
        }

        return offset;
    }

    private void Append(long extent, ReadOnlySpan<long> step)
    {
        bool merges = Rank > 0;
        for (int operand = 0; merges && operand < Operands; operand++)
        {
            merges = _strides[(operand * MaximumRank) + Rank - 1] == step[operand] * extent;
        }

        int at = merges ? Rank - 1 : Rank++;
        if (at >= MaximumRank)
        {
            throw new NotSupportedException($"Strided operands may have {MaximumRank} axes that do not merge, not more.");
        }

        _extents[at] = merges ? _extents[at] * extent : extent;
        for (int operand = 0; operand < Operands; operand++)
        {
            _strides[(operand * MaximumRank) + at] = step[operand];
        }
    }

    [InlineArray(MaximumRank)]
    private struct AxisExtents
    {
        private long _element;
    }

    [InlineArray(MaximumRank * Operands)]
    private struct AxisStrides
    {
        private long _element;
    }
}
