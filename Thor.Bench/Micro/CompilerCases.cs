using System.Globalization;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Micro;

/// <summary>Operations of networks that no other set measures on devices, one for each family of kernels.</summary>
internal static class CompilerCases
{
    private const int Classes = 10;
    private const int Width = 128;

    /// <summary>All cases.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="rows">Rows of matrices; images are a 32nd of it.</param>
    public static IEnumerable<(string Name, Func<Action> Prepare)> On(Device device, int rows)
    {
        Backend backend = device.Backend;
        int images = Math.Max(1, rows / 32);
        string matrix = string.Create(CultureInfo.InvariantCulture, $"{rows}x{Width}");
        string planes = string.Create(CultureInfo.InvariantCulture, $"{images}x16x28x28");
        Tensor Numbers(params ReadOnlySpan<int> extents) => new RandomStream(1).Normal(new Shape(extents), device: device);
        Tensor Ids(int count, int most) => Tensor.From([.. Enumerable.Range(0, count).Select(i => i * 7 % most)], [count]).To(device);
        Convolution2d geometry = new(1, 1, 1, 1);
        Pooling2d window = new(2, 2, 2, 2);
        yield return ($"convolution {planes} 3x3", () =>
        {
            (Tensor x, Tensor w, Tensor y) = (Numbers(images, 16, 28, 28), Numbers(16, 16, 3, 3), Numbers(images, 16, 28, 28));
            return () => backend.Convolve(x, w, null, y, geometry);
        }
        );
        yield return ($"convolution {planes} 3x3 to images", () =>
        {
            (Tensor dy, Tensor w, Tensor dx) = (Numbers(images, 16, 28, 28), Numbers(16, 16, 3, 3), Numbers(images, 16, 28, 28));
            return () => backend.ConvolveInputGradient(dy, w, dx, geometry);
        }
        );
        yield return ($"convolution {planes} 3x3 to filters", () =>
        {
            (Tensor x, Tensor dy, Tensor dw) = (Numbers(images, 16, 28, 28), Numbers(images, 16, 28, 28), Numbers(16, 16, 3, 3));
            return () => backend.ConvolveWeightGradient(x, dy, dw, geometry);
        }
        );
        yield return ($"max pool {planes}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(images, 16, 28, 28), Numbers(images, 16, 14, 14));
            Tensor indices = Tensor.Zeros(y.Shape, DType.Int32, device);
            return () => backend.MaxPool(x, y, indices, window);
        }
        );
        yield return ($"average pool {planes}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(images, 16, 28, 28), Numbers(images, 16, 14, 14));
            return () => backend.AveragePool(x, y, window);
        }
        );
        yield return ($"softmax gradient {matrix}", () =>
        {
            (Tensor y, Tensor g, Tensor dx) = (Numbers(rows, Width), Numbers(rows, Width), Numbers(rows, Width));
            return () => backend.SoftmaxGradient(y, g, dx);
        }
        );
        yield return ($"layer norm gradient {matrix}", () =>
        {
            (Tensor x, Tensor g, Tensor w, Tensor dx) = (Numbers(rows, Width), Numbers(rows, Width), Numbers(Width), Numbers(rows, Width));
            (Tensor mean, Tensor inverse, Tensor dw, Tensor db) = (Numbers(rows), Numbers(rows), Numbers(Width), Numbers(Width));
            return () => backend.LayerNormGradient(x, g, w, mean, inverse, dx, dw, db);
        }
        );
        yield return ($"batch norm gradient {planes}", () =>
        {
            (Tensor x, Tensor g, Tensor w, Tensor dx) = (Numbers(images, 16, 28, 28), Numbers(images, 16, 28, 28), Numbers(16), Numbers(images, 16, 28, 28));
            (Tensor mean, Tensor inverse, Tensor dw, Tensor db) = (Numbers(16), Numbers(16), Numbers(16), Numbers(16));
            return () => backend.BatchNormGradient(x, g, w, mean, inverse, dx, dw, db);
        }
        );
        yield return ($"gather {matrix}", () =>
        {
            (Tensor table, Tensor ids, Tensor y) = (Numbers(Classes, Width), Ids(rows, Classes), Numbers(rows, Width));
            return () => backend.Gather(table, ids, y);
        }
        );
        yield return ($"scatter-add {matrix}", () =>
        {
            (Tensor ids, Tensor x, Tensor table) = (Ids(rows, Classes), Numbers(rows, Width), Numbers(Classes, Width));
            return () => backend.ScatterAdd(ids, x, table);
        }
        );
        yield return ($"argmax {matrix}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(rows, Width), Tensor.Zeros([rows], DType.Int32, device));
            return () => backend.ArgMax(x, y);
        }
        );
    }
}
