using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Engine;

/// <summary>Random operands, naive indexing and comparisons that the tests of tensor operations share.</summary>
internal static class Numbers
{
    /// <summary>Uniform numbers in [low, high).</summary>
    public static Tensor Random(Shape shape, ulong seed, double low = -2, double high = 2, DType type = DType.Float64) =>
        (new RandomStream(seed).Uniform(shape, DType.Float64) * (high - low) + low).Cast(type);

    /// <summary>Elements in row-major order as double, read through the strides one by one.</summary>
    public static double[] Values(Tensor x)
    {
        Tensor whole = x.DType == DType.Float64 ? x : x.Cast(DType.Float64);
        return whole.ToArray<double>();
    }

    /// <summary>Index of every axis of the i-th element in row-major order.</summary>
    public static int[] Index(Shape shape, long i)
    {
        int[] index = new int[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            (i, long at) = Math.DivRem(i, shape.Extents[axis]);
            index[axis] = (int)at;
        }

        return index;
    }

    /// <summary>Row-major position of an index in a shape that broadcasts: axes of extent 1 are read at 0.</summary>
    public static long Position(Shape shape, ReadOnlySpan<int> index)
    {
        long at = 0;
        int skipped = index.Length - shape.Rank;
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            at = (at * shape.Extents[axis]) + (shape.Extents[axis] == 1 ? 0 : index[axis + skipped]);
        }

        return at;
    }

    /// <summary>Every element within a relative or absolute tolerance; NaN and infinities equal only themselves.</summary>
    public static void Near(double[] expected, Tensor actual, double relative, double absolute = 0)
    {
        double[] values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            bool same = expected[i].Equals(values[i])
                || Math.Abs(values[i] - expected[i]) <= absolute + (relative * Math.Abs(expected[i]));
            if (!same)
            {
                Assert.Fail($"Element {i} of {actual.Shape}: expected {expected[i]:R}, got {values[i]:R}.");
            }
        }
    }

    /// <summary>The bits of the elements.</summary>
    public static byte[] Bits(Tensor x)
    {
        Tensor dense = x.Contiguous();
        return x.DType switch
        {
            DType.Float32 => System.Runtime.InteropServices.MemoryMarshal.AsBytes(dense.AsSpan<float>()).ToArray(),
            DType.Float64 => System.Runtime.InteropServices.MemoryMarshal.AsBytes(dense.AsSpan<double>()).ToArray(),
            _ => System.Runtime.InteropServices.MemoryMarshal.AsBytes(dense.AsSpan<int>()).ToArray(),
        };
    }
}
