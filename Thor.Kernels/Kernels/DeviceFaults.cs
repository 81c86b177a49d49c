namespace Thor.Kernels.Kernels;

/// <summary>
/// Errors that depend on data, such as an id outside a table. Finding out would need a round trip, so kernels note the first one in a
/// buffer of four ints (code, index, value, limit) that the host looks at when it waits for the device anyway.
/// </summary>
public static class DeviceFaults
{
    /// <summary>Ints of the buffer. All zero: nothing happened.</summary>
    public const int Length = 4;

    /// <summary>Code: an id is outside the table; limit is its number of rows.</summary>
    public const int IdOutsideTable = 1;

    /// <summary>Code: a label is outside [0, classes) and not the ignored one; limit is the number of classes.</summary>
    public const int LabelOutsideClasses = 2;

    /// <summary>Code: an index of a pooling points outside its plane; limit is the number of elements of the plane.</summary>
    public const int PositionOutsidePlane = 3;

    /// <summary>For kernels: notes a fault unless there is one already.</summary>
    /// <param name="faults">The buffer.</param>
    /// <param name="code">What is wrong.</param>
    /// <param name="index">Where: number of the id, label or index.</param>
    /// <param name="value">The id, label or index.</param>
    /// <param name="limit">What it had to be below.</param>
    public static void Record(ArrayView<int> faults, int code, int index, int value, int limit)
    {
        int before = Atomic.CompareExchange(ref faults[0], 0, code);
        if (before == 0)
        {
            faults[1] = index;
            faults[2] = value;
            faults[3] = limit;
        }
    }
}
