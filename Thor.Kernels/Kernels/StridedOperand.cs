namespace Thor.Kernels.Kernels;

/// <summary>An operand of an element-wise launch: 32-bit words, and the distance in words between neighbours along each axis of the result.</summary>
/// <param name="words">From the first element on, as far as strides reach.</param>
/// <param name="strides">One per axis; 0 where the operand repeats.</param>
public readonly ref struct StridedOperand(ArrayView<int> words, ReadOnlySpan<long> strides)
{
    /// <summary>From the first element on, as far as strides reach.</summary>
    public ArrayView<int> Words { get; } = words;

    /// <summary>One per axis; 0 where the operand repeats.</summary>
    public ReadOnlySpan<long> Strides { get; } = strides;

    /// <summary>The operand at one index of an axis, without that axis; a number stays what it is.</summary>
    internal StridedOperand Slice(int axis, int index) => Strides.IsEmpty
        ? this
        : new StridedOperand(Words.SubView(index * Strides[axis]), (long[])[.. Strides[..axis], .. Strides[(axis + 1)..]]);

    /// <summary>The axis with the largest distance between neighbours, of those with more than one element.</summary>
    internal int OutermostAxis(ReadOnlySpan<int> extents)
    {
        int outermost = 0;
        for (int axis = 1; axis < extents.Length; axis++)
        {
            if (extents[outermost] == 1 || (extents[axis] != 1 && Strides[axis] > Strides[outermost]))
            {
                outermost = axis;
            }
        }

        return outermost;
    }

    /// <summary>True if every element of the other operand is this one's.</summary>
    internal bool IsSame(in StridedOperand other, ReadOnlySpan<int> extents)
    {
        bool same = Words.IsValid && Words.Buffer == other.Words.Buffer && Words.OffsetInBytes == other.Words.OffsetInBytes;
        for (int axis = 0; same && axis < extents.Length; axis++)
        {
            same = extents[axis] == 1 || Strides[axis] == other.Strides[axis];
        }

        return same;
    }
}
