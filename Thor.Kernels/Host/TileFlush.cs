using System.Numerics;

namespace Thor.Kernels.Host;

/// <summary>Zeros in the place of elements that are too small to matter.</summary>
internal static unsafe class TileFlush
{
    /// <summary>Replaces every element of smaller magnitude than the floor by zero; what is not a number stays.</summary>
    public static void Run<T>(T* row, int count, T floor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            Vector<T> least = new(floor);
            for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T>* place = (Vector<T>*)(row + i);
                Vector<T> value = *place;
                *place = Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(value), least), Vector<T>.Zero, value);
            }
        }

        for (; i < count; i++)
        {
            if (T.Abs(row[i]) < floor)
            {
                row[i] = T.Zero;
            }
        }
    }
}
