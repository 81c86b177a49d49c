using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>Matrix products, convolutions, pooling, softmax, cross-entropy and normalisations.</summary>
internal static class NetworkChecks
{
    private static readonly (string Name, Shape Images, Shape Filters, Convolution2d Geometry)[] s_convolutions =
    [
        ("5x5, 1 to 6 channels", [3, 1, 28, 28], [6, 1, 5, 5], Convolution2d.Default with { PaddingY = 2, PaddingX = 2 }),
        ("3x3, 16 to 32, stride 2", [2, 16, 17, 19], [32, 16, 3, 3], Convolution2d.Default with { StrideY = 2, StrideX = 2, PaddingY = 1, PaddingX = 1 }),
        ("1x1, 24 to 40", [3, 24, 9, 7], [40, 24, 1, 1], Convolution2d.Default),
        ("3x2, dilated, 4 groups", [2, 8, 15, 13], [12, 2, 3, 2], Convolution2d.Default with { DilationY = 2, DilationX = 3, PaddingY = 2, PaddingX = 1, Groups = 4 }),
    ];

    public static IEnumerable<Check> All() => [.. Products(), .. Convolutions(), .. Pooling(), .. Softmax(), .. Normalizations()];

    private static IEnumerable<Check> Products()
    {
        yield return Product("MatMul 67x131x45", [67, 131], [131, 45], static (a, b) => a.MatMul(b));
        yield return Product("MatMul 256x256x256", [256, 256], [256, 256], static (a, b) => a.MatMul(b));
        yield return Product("MatMul 300x1100x129", [300, 1100], [1100, 129], static (a, b) => a.MatMul(b));
        yield return Product("MatMul, a transposed", [131, 67], [131, 45], static (a, b) => a.Transpose().MatMul(b));
        yield return Product("MatMul, b transposed", [67, 131], [45, 131], static (a, b) => a.MatMul(b.Transpose()));
        yield return Product("MatMul, both transposed", [131, 67], [45, 131], static (a, b) => a.Transpose().MatMul(b.Transpose()));
        yield return Product("MatMul, batch of 2x3", [2, 3, 20, 33], [3, 33, 17], static (a, b) => a.MatMul(b));
        yield return Product("MatMul, row by matrix", [1, 500], [500, 333], static (a, b) => a.MatMul(b));
        yield return Product("MatMul, matrix by column", [333, 500], [500, 1], static (a, b) => a.MatMul(b));
        yield return new PrimitiveCheck(
            "MatMul with bias", 134, r => [r.Normal([67, 131]), r.Normal([131, 45]), r.Normal([45])], x => [x[0].MatMul(x[1], x[2])], Sums: true);
        yield return new PrimitiveCheck(
            "MatMul into, alpha and beta",
            134,
            r => [r.Normal([67, 131]), r.Normal([131, 45]), r.Normal([67, 45])],
            x =>
            {
                Tensor c = x[2].Clone();
                Tensor.MatMulInto(x[0], x[1], c, 0.5, 2);
                return [c];
            },
            Sums: true);
    }

    private static PrimitiveCheck Product(string name, Shape a, Shape b, Func<Tensor, Tensor, Tensor> product) =>
        new(name, Math.Max(a[-1], a[-2]) + 2, r => [r.Normal(a), r.Normal(b)], x => [product(x[0], x[1])], Sums: true);

    private static IEnumerable<Check> Convolutions()
    {
        foreach ((string name, Shape images, Shape filters, Convolution2d geometry) in s_convolutions)
        {
            int height = geometry.OutputHeight(images[2], filters[2]);
            int width = geometry.OutputWidth(images[3], filters[3]);
            Shape output = [images[0], filters[0], height, width];
            int window = filters[1] * filters[2] * filters[3];
            yield return new PrimitiveCheck(
                $"Convolve {name}", window + 3, r => [r.Normal(images), r.Normal(filters), r.Normal([filters[0]])], x => [x[0].Conv2d(x[1], x[2], geometry)], Sums: true);
            yield return new PrimitiveCheck(
                $"Convolve {name}, to images",
                (filters[0] * filters[2] * filters[3]) + 2,
                r => [r.Normal(output), r.Normal(filters)],
                x => [Tensor.Conv2dInputGradient(x[0], x[1], images, geometry)],
                Sums: true);
            yield return new PrimitiveCheck(
                $"Convolve {name}, to filters",
                (images[0] * height * width) + 2,
                r => [r.Normal(images), r.Normal(output)],
                x => [Tensor.Conv2dWeightGradient(x[0], x[1], filters, geometry)],
                Sums: true);
        }
    }

    private static IEnumerable<Check> Pooling()
    {
        foreach ((string name, Pooling2d geometry) in ((string, Pooling2d)[])[("2x2", Pooling2d.Square(2)), ("3x3, stride 2, padded", new Pooling2d(3, 3, 2, 2, 1, 1))])
        {
            Shape images = [3, 5, 17, 18];
            Shape pooled = [3, 5, geometry.OutputHeight(17), geometry.OutputWidth(18)];
            yield return new PrimitiveCheck(
                $"MaxPool {name}",
                16,
                r => [r.Normal(images), r.Normal(pooled)],
                x =>
                {
                    (Tensor values, Tensor indices) = x[0].MaxPool2d(geometry);
                    return [values, indices, x[1].MaxPool2dScatter(indices, images) + 10, x[0].MaxPool2dGather(indices)];
                });
            yield return new PrimitiveCheck($"AveragePool {name}", 12, r => [r.Normal(images)], x => [x[0].AveragePool2d(geometry)], Sums: true);
            yield return new PrimitiveCheck($"AveragePool {name}, gradient", 12, r => [r.Normal(pooled)], x => [x[0].AveragePool2dGradient(images, geometry)], Sums: true);
        }
    }

    private static IEnumerable<Check> Softmax()
    {
        yield return new PrimitiveCheck("Softmax", 131, r => [r.Normal([67, 131])], x => [x[0].Softmax()]);
        yield return new PrimitiveCheck("LogSoftmax", 131, r => [r.Normal([67, 131])], x => [x[0].LogSoftmax()]);
        yield return new PrimitiveCheck(
            "Softmax, gradient", 1000, r => [r.Normal([67, 131]), r.Normal([67, 131])], x => [Tensor.SoftmaxGradient(x[0].Softmax(), x[1]) + 1]);
        yield return new PrimitiveCheck(
            "LogSoftmax, gradient", 1000, r => [r.Normal([67, 131]), r.Normal([67, 131])], x => [Tensor.LogSoftmaxGradient(x[0].LogSoftmax(), x[1]) + 10]);
        yield return new PrimitiveCheck(
            "CrossEntropy and its gradient",
            131,
            r => [r.Normal([67, 131]), Labels(r, 67, 131), r.Normal([67])],
            x =>
            {
                Tensor losses = x[0].CrossEntropy(x[1], 0.1, -100, out Tensor normalizers);
                return [losses + 1, normalizers, x[0].CrossEntropyGradient(x[1], 0.1, -100, normalizers, x[2]) + 1];
            });
    }

    private static IEnumerable<Check> Normalizations()
    {
        // Outputs are about 1 and may be near 0: 10 is added, so that errors are measured against the size of all of them.
        yield return new PrimitiveCheck(
            "BatchNorm and its gradient",
            400,
            r => [r.Normal([6, 7, 9, 11]) + 0.5, r.Normal([7]), r.Normal([7]), r.Normal([6, 7, 9, 11])],
            x =>
            {
                Tensor y = x[0].BatchNorm(x[1], x[2], 1e-5, out Tensor mean, out Tensor inverse);
                (Tensor dx, Tensor dWeight, Tensor dBias) = x[0].BatchNormGradient(x[3], x[1], mean, inverse);
                return [y + 10, mean + 1, inverse, dx + 10, dWeight + 100, dBias + 100];
            });
        yield return new PrimitiveCheck(
            "ChannelAffine", 3, r => [r.Normal([6, 7, 9, 11]), r.Normal([7]), r.Normal([7])], x => [x[0].ChannelAffine(x[1], x[2])], Sums: true);
        yield return new PrimitiveCheck(
            "LayerNorm and its gradient",
            400,
            r => [r.Normal([67, 131]) + 0.5, r.Normal([131]), r.Normal([131]), r.Normal([67, 131])],
            x =>
            {
                Tensor y = x[0].LayerNorm(x[1], x[2], 1e-5, out Tensor mean, out Tensor inverse);
                (Tensor dx, Tensor dWeight, Tensor dBias) = x[0].LayerNormGradient(x[3], x[1], mean, inverse);
                return [y + 10, mean + 1, inverse, dx + 10, dWeight + 100, dBias + 100];
            });
    }

    private static Tensor Labels(RandomStream random, int count, int classes)
    {
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % 9 == 4 ? -100 : random.NextInt(classes);
        }

        return Tensor.From(labels);
    }
}
