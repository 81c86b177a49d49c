using System.Globalization;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Micro;

/// <summary>Operations that memory bounds, with the bytes that each must move at least: every operand read once, every result written once.</summary>
internal static class ElementwiseCases
{
    /// <summary>Rows of operands on processors.</summary>
    public const int Height = 4096;

    private const int Width = 1000;

    /// <summary>All cases.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="height">Rows of operands; names say how many.</param>
    public static IEnumerable<(string Name, Func<(long Bytes, Action Call)> Prepare)> On(Device device, int height)
    {
        Backend backend = device.Backend;
        string size = string.Create(CultureInfo.InvariantCulture, $"{height}x{Width}");
        Tensor Numbers(params ReadOnlySpan<int> extents) => new RandomStream(1).Normal(new Shape(extents), device: device);
        yield return ($"elementwise add {size}", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(height, Width), Numbers(height, Width), Numbers(height, Width));
            return (Bytes(a, b, y), () => backend.Map(BinaryOperation.Add, a, b, y));
        }
        );
        yield return ($"elementwise multiply {size} by a row", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(height, Width), Numbers(Width), Numbers(height, Width));
            Tensor spread = b.BroadcastTo(a.Shape);
            return (Bytes(a, y), () => backend.Map(BinaryOperation.Multiply, a, spread, y));
        }
        );
        yield return ($"elementwise multiply {size} by a column", () =>
        {
            (Tensor a, Tensor b, Tensor y) = (Numbers(height, Width), Numbers(height, 1), Numbers(height, Width));
            Tensor spread = b.BroadcastTo(a.Shape);
            return (Bytes(a, y), () => backend.Map(BinaryOperation.Multiply, a, spread, y));
        }
        );
        yield return ($"elementwise transpose {size}", () =>
        {
            (Tensor a, Tensor y) = (Numbers(Width, height), Numbers(height, Width));
            Tensor turned = a.Transpose();
            return (Bytes(a, y), () => backend.Copy(turned, y));
        }
        );
        foreach (UnaryOperation operation in (UnaryOperation[])[UnaryOperation.Relu, UnaryOperation.Gelu, UnaryOperation.Exponential, UnaryOperation.Tanh])
        {
            yield return ($"elementwise {operation.ToString().ToLowerInvariant()} {size}", () =>
            {
                (Tensor x, Tensor y) = (Numbers(height, Width), Numbers(height, Width));
                return (Bytes(x, y), () => backend.Map(operation, x, y));
            }
            );
        }

        foreach (BinaryOperation operation in (BinaryOperation[])[BinaryOperation.ReluGradient, BinaryOperation.GeluGradient])
        {
            yield return ($"elementwise {operation.ToString().ToLowerInvariant()} {size}", () =>
            {
                (Tensor x, Tensor g, Tensor dx) = (Numbers(height, Width), Numbers(height, Width), Numbers(height, Width));
                return (Bytes(x, g, dx), () => backend.Map(operation, x, g, dx));
            }
            );
        }

        yield return ($"elementwise sum {size}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(height, Width), Numbers(1, 1));
            return (Bytes(x), () => backend.Reduce(ReduceOperation.Sum, x, y));
        }
        );
        yield return ($"elementwise column sums {size}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(height, Width), Numbers(1, Width));
            return (Bytes(x), () => backend.Reduce(ReduceOperation.Sum, x, y));
        }
        );
        yield return ($"elementwise softmax {size}", () =>
        {
            (Tensor x, Tensor y) = (Numbers(height, Width), Numbers(height, Width));
            return (Bytes(x, y), () => backend.Softmax(x, y));
        }
        );
        yield return (string.Create(CultureInfo.InvariantCulture, $"elementwise layer norm {height}x128"), () =>
        {
            (Tensor x, Tensor y, Tensor w) = (Numbers(height, 128), Numbers(height, 128), Numbers(128));
            (Tensor mean, Tensor inverse) = (Numbers(height), Numbers(height));
            return (Bytes(x, y), () => backend.LayerNorm(x, w, w, 1e-5, y, mean, inverse));
        }
        );
        yield return (string.Create(CultureInfo.InvariantCulture, $"elementwise batch norm {height / 32}x32x28x28"), () =>
        {
            (Tensor x, Tensor y, Tensor w) = (Numbers(height / 32, 32, 28, 28), Numbers(height / 32, 32, 28, 28), Numbers(32));
            (Tensor mean, Tensor inverse) = (Numbers(32), Numbers(32));
            return (Bytes(x, y), () => backend.BatchNorm(x, w, w, 1e-5, y, mean, inverse));
        }
        );
        yield return ($"elementwise dropout mask {size}", () =>
        {
            Tensor y = Numbers(height, Width);
            return (Bytes(y), () => backend.DropoutMask(y, 0.9, 1, 0));
        }
        );
        yield return ($"elementwise normal {size}", () =>
        {
            Tensor y = Numbers(height, Width);
            return (Bytes(y), () => backend.Normal(y, 1, 0));
        }
        );
        yield return ($"elementwise adam {size}", () =>
        {
            (Tensor p, Tensor g) = (Numbers(height * Width), Numbers(height * Width));
            (Tensor m, Tensor s) = (Tensor.Zeros(p.Shape, device: device), Tensor.Zeros(p.Shape, device: device));
            UpdateStep step = new(1e-3, 0.9, 0.999, 1e-8, Count: 3);
            return (Bytes(p, g, m, s) + Bytes(p, m, s), () => backend.Update(UpdateRule.Adam, step, p, g, m, s));
        }
        );
    }

    private static long Bytes(params ReadOnlySpan<Tensor> tensors)
    {
        long bytes = 0;
        foreach (Tensor tensor in tensors)
        {
            bytes += tensor.Length * sizeof(float);
        }

        return bytes;
    }
}
