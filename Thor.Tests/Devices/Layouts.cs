using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Tests.Devices;

/// <summary>Tensors of one shape whose elements lie in memory in many ways, the same on every device.</summary>
internal static class Layouts
{
    /// <summary>Names of layouts that every element of memory belongs to once at most, so that they can be written.</summary>
    public static IReadOnlyList<string> Writable { get; } = ["dense", "reversed axes", "last two exchanged", "every second", "inner part"];

    /// <summary>Names of all layouts.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Writable, "one row", "one column", "one element", "middle axis"];

    /// <summary>A tensor of a layout with random elements that depend on the seed alone.</summary>
    public static Tensor Make(string layout, Shape shape, ulong seed, DType type, Device device)
    {
        int[] extents = shape.Extents.ToArray();
        int last = extents.Length - 1;
        switch (layout)
        {
            case "dense":
                return Base(extents, seed, type, device);
            case "reversed axes":
                Array.Reverse(extents);
                return Base(extents, seed, type, device).Permute([.. Enumerable.Range(0, extents.Length).Reverse()]);
            case "last two exchanged":
                if (last < 1)
                {
                    return Base(extents, seed, type, device);
                }

                (extents[last], extents[last - 1]) = (extents[last - 1], extents[last]);
                return Base(extents, seed, type, device).Transpose();
            case "every second":
                extents[last] *= 2;
                return Base(extents, seed, type, device).Slice(last, 0, shape.Extents[last], 2);
            case "inner part":
                extents[0] += 2;
                extents[last] += last == 0 ? 1 : 3;
                Tensor part = Base(extents, seed, type, device).Slice(last, 2, shape.Extents[last]);
                return last == 0 ? part : part.Slice(0, 1, shape.Extents[0]);
            case "one row":
                return Base([extents[last]], seed, type, device).BroadcastTo(shape);
            case "one column":
                extents[last] = 1;
                return Base(extents, seed, type, device).BroadcastTo(shape);
            case "one element":
                return Base([1], seed, type, device).BroadcastTo(shape);
            case "middle axis":
                int middle = extents.Length / 2;
                int kept = extents[middle];
                Array.Fill(extents, 1);
                extents[middle] = kept;
                return Base(extents, seed, type, device).BroadcastTo(shape);
            default:
                throw new ArgumentOutOfRangeException(nameof(layout), layout, "There is no such layout.");
        }
    }

    /// <summary>Dense random elements: floats in [-4, 4), ints in [-9, 9].</summary>
    public static Tensor Base(ReadOnlySpan<int> extents, ulong seed, DType type, Device device)
    {
        Tensor numbers = new RandomStream(seed).Uniform(new Shape(extents));
        return (type == DType.Int32 ? ((numbers * 19) - 9).Map(Thor.Kernels.UnaryOperation.Relu).Cast(type) - ((numbers * -19) + 9).Map(Thor.Kernels.UnaryOperation.Relu).Cast(type) : (numbers * 8) - 4).To(device);
    }
}
