using Thor.Autograd;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Tests.Autograd;

/// <summary>One function of float64 inputs, away from kinks and ties.</summary>
internal sealed record OperationCase(string Name, Func<Variable[], Variable> Function, Func<Tensor[]> Inputs);

/// <summary>Every operation on variables in several shapes, each made to have a second derivative where its own is zero.</summary>
internal static class OperationCases
{
    public static IEnumerable<OperationCase> All()
    {
        // Operators, with every way of broadcasting.
        foreach ((string form, Shape a, Shape b) in new (string, Shape, Shape)[]
        {
            ("same", [2, 3], [2, 3]), ("row", [2, 3], [3]), ("column", [2, 3], [2, 1]), ("outer", [2, 1], [1, 3]), ("scalar", [2, 3], []),
            ("scalar left", [], [2]), ("one", [1], [1]), ("empty", [0, 3], [3]), ("empty row", [2, 0], [1, 1]),
        })
        {
            yield return new($"add {form}", v => (v[0] + v[1]).Square(), Signed(a, b));
            yield return new($"subtract {form}", v => (v[0] - v[1]).Square(), Signed(a, b));
            yield return new($"multiply {form}", v => v[0] * v[1], Signed(a, b));
            yield return new($"divide {form}", v => v[0] / v[1], Signed(a, b));
            yield return new($"maximum {form}", v => Variable.Maximum(v[0], v[1]).Square(), Signed(a, b));
            yield return new($"minimum {form}", v => Variable.Minimum(v[0], v[1]).Square(), Signed(a, b));
        }

        yield return new("with constants", v => 2 + (3 - (v[0] * 4 / 5) - 1) + (6 / (0.5 * v[0])), Signed([2, 3]));
        yield return new("constant plus", v => (1.5 + v[0] + 2).Square() - v[0] / 3, Signed([2, 3]));
        yield return new("negate", v => (-v[0]).Square(), Signed([2, 3]));
        yield return new("same operand twice", v => v[0] * v[0] + v[0], Signed([2, 3]));
        yield return new("where", v => Variable.Where(Tensor.From([1.0, 0, 1], [3]), v[0].Square(), v[1].Exp()), Signed([2, 3], [2, 1]));
        yield return new("where broadcast", v => Variable.Where(Tensor.From([1.0, 0], [2, 1]), v[0].Square(), v[1].Exp()), Signed([1, 3], []));

        // Functions of one argument.
        foreach ((string name, Func<Variable, Variable> f) in new (string, Func<Variable, Variable>)[]
        {
            ("square", x => x.Square()), ("exp", x => x.Exp()), ("abs", x => x.Abs() * x), ("tanh", x => x.Tanh()), ("sigmoid", x => x.Sigmoid()),
            ("relu", x => x.Relu() * x), ("gelu", x => x.Gelu()), ("erf", x => x.Erf()), ("softplus", x => x.Softplus()), ("sin", x => x.Sin()),
            ("cos", x => x.Cos()), ("pow 3", x => x.Pow(3)), ("pow 2", x => x.Pow(2)), ("pow 1", x => x.Pow(1) * x), ("pow 0", x => x.Pow(0) * x * x),
        })
        {
            yield return new(name, v => f(v[0]), Signed([3, 4]));
            yield return new($"{name} transposed", v => f(v[0].Transpose()), Signed([3, 2]));
            yield return new($"{name} empty", v => f(v[0]), Signed([0, 2]));
        }

        foreach ((string name, Func<Variable, Variable> f) in new (string, Func<Variable, Variable>)[]
        {
            ("sqrt", x => x.Sqrt()), ("log", x => x.Log()), ("pow -0.5", x => x.Pow(-0.5)), ("pow 1.7", x => x.Pow(1.7)),
        })
        {
            yield return new(name, v => f(v[0]), Positive([3, 4]));
            yield return new($"{name} sliced", v => f(v[0].Slice(1, 0, 2, 2)), Positive([3, 4]));
        }

        // Reductions.
        yield return new("sum", v => v[0].Square().Sum(), Signed([2, 3, 2]));
        yield return new("sum scalar", v => v[0].Square().Sum(), Signed(Shape.Scalar));
        yield return new("sum axes", v => v[0].Sum(0, -1).Square(), Signed([2, 3, 2]));
        yield return new("sum kept", v => v[0].Sum([1], keepAxes: true) * v[0], Signed([2, 3, 2]));
        yield return new("sum empty", v => v[0].Sum(0).Square(), Signed([0, 3]));
        yield return new("mean", v => v[0].Square().Mean(), Signed([2, 3]));
        yield return new("mean axes", v => v[0].Mean(1, 2).Square(), Signed([2, 3, 2]));
        yield return new("mean kept", v => (v[0] - v[0].Mean([0], keepAxes: true)).Square(), Signed([3, 2]));
        yield return new("max", v => v[0].Max(1).Square(), Signed([3, 4]));
        yield return new("max kept", v => v[0].Max(0, keepAxes: true) * v[0], Signed([3, 4]));
        yield return new("min", v => v[0].Min(-1).Square(), Signed([3, 4]));
        yield return new("log-sum-exp", v => v[0].LogSumExp(1), Signed([3, 4]));
        yield return new("log-sum-exp kept", v => v[0].LogSumExp(0, keepAxes: true), Signed([3, 4]));
        yield return new("sum to", v => v[0].SumTo([3, 1]).Square(), Signed([2, 3, 4]));

        // Views.
        yield return new("reshape", v => v[0].Reshape(-1, 2).Square(), Signed([3, 4]));
        yield return new("reshape strided", v => v[0].Transpose().Reshape(2, 6).Square(), Signed([3, 4]));
        yield return new("flatten", v => v[0].Flatten().Square(), Signed([2, 3, 2]));
        yield return new("transpose", v => v[0].Transpose(0, 2) * v[1], Signed([2, 3, 4], [4, 3, 2]));
        yield return new("permute", v => v[0].Permute(2, 0, 1) * v[1], Signed([2, 3, 4], [4, 2, 3]));
        yield return new("slice", v => v[0].Slice(1, 1, 2).Square(), Signed([2, 4]));
        yield return new("slice stepped", v => v[0].Slice(-1, 1, 2, 2).Square(), Signed([2, 5]));
        yield return new("slice empty", v => v[0].Slice(0, 1, 0).Square(), Signed([2, 3]));
        yield return new("select", v => v[0].Select(1, 2).Square(), Signed([2, 4, 2]));
        yield return new("broadcast", v => v[0].BroadcastTo([2, 3, 2]).Square(), Signed([3, 1]));
        yield return new("unsqueeze", v => v[0].Unsqueeze(1) * v[0], Signed([2, 2]));
        yield return new("squeeze", v => v[0].Squeeze(1).Square(), Signed([2, 1, 2]));
        yield return new("concatenate", v => Variable.Concatenate([v[0], v[1], v[0]], 1).Square(), Signed([2, 3], [2, 1]));
        yield return new("concatenate one", v => Variable.Concatenate([v[0]], 0).Square(), Signed([2, 3]));

        // Matrix products.
        yield return new("matmul", v => v[0].MatMul(v[1]), Signed([2, 3], [3, 4]));
        yield return new("matmul bias", v => v[0].MatMul(v[1], v[2]).Square(), Signed([2, 3], [3, 4], [4]));
        yield return new("linear", v => v[0].MatMul(v[1].Transpose(), v[2]).Tanh(), Signed([2, 3], [4, 3], [4]));
        yield return new("matmul left transposed", v => v[0].Transpose().MatMul(v[1]).Square(), Signed([3, 2], [3, 4]));
        yield return new("matmul both transposed", v => v[0].Transpose().MatMul(v[1].Transpose()).Square(), Signed([3, 2], [4, 3]));
        yield return new("matmul gram", v => v[0].MatMul(v[0].Transpose()), Signed([3, 2]));
        yield return new("matmul batched", v => v[0].MatMul(v[1]).Square(), Signed([2, 2, 3], [2, 3, 2]));
        yield return new("matmul batch broadcast", v => v[0].MatMul(v[1]).Square(), Signed([2, 1, 2, 3], [3, 3, 2]));
        yield return new("matmul shared right", v => v[0].MatMul(v[1], v[2]).Square(), Signed([2, 2, 3], [3, 2], [2]));
        yield return new("matmul shared right transposed", v => v[0].MatMul(v[1].Transpose()).Square(), Signed([2, 2, 3], [2, 3]));
        yield return new("matmul strided batch", v => v[0].Transpose(0, 1).MatMul(v[1].Transpose()).Square(), Signed([2, 3, 2], [2, 2]));
        yield return new("matmul batched transposed", v => v[0].MatMul(v[1].Transpose()).Square(), Signed([2, 2, 3], [2, 4, 3]));
        yield return new("matmul vectors", v => v[0].MatMul(v[1]), Signed([3], [3]));
        yield return new("matmul vector left", v => v[0].MatMul(v[1]).Square(), Signed([3], [3, 2]));
        yield return new("matmul vector right", v => v[0].MatMul(v[1]).Square(), Signed([2, 3], [3]));
        yield return new("matmul batch vector", v => v[0].MatMul(v[1]).Square(), Signed([2, 2, 3], [3]));
        yield return new("matmul inner one", v => v[0].MatMul(v[1]).Square(), Signed([2, 1], [1, 3]));
        yield return new("matmul inner empty", v => v[0].MatMul(v[1], v[2]).Square(), Signed([2, 0], [0, 3], [3]));
        yield return new("matmul rows empty", v => v[0].MatMul(v[1], v[2]).Square(), Signed([0, 2], [2, 3], [3]));

        // Convolutions and pooling.
        foreach ((string name, Convolution2d g, Shape x, Shape w) in new (string, Convolution2d, Shape, Shape)[]
        {
            ("plain", Convolution2d.Default, [2, 2, 4, 5], [3, 2, 3, 2]), ("strided", new(2, 1, 1, 2), [1, 2, 5, 4], [2, 2, 3, 3]),
            ("dilated", new(1, 1, 2, 1, 2, 2), [1, 1, 5, 6], [2, 1, 2, 3]), ("grouped", new(1, 2, 1, 1, 1, 1, 2), [2, 4, 3, 4], [4, 2, 3, 3]),
            ("point", Convolution2d.Default, [2, 3, 2, 2], [2, 3, 1, 1]), ("depthwise", new(1, 1, 1, 1, 1, 1, 3), [1, 3, 3, 3], [3, 1, 3, 3]),
        })
        {
            yield return new($"convolution {name}", v => v[0].Conv2d(v[1], null, g), Signed(x, w));
            yield return new($"convolution {name} bias", v => v[0].Conv2d(v[1], v[2], g).Tanh(), Signed(x, w, [w[0]]));
        }

        yield return new("convolution strided input", v => v[0].Transpose(0, 1).Conv2d(v[1], null, Convolution2d.Default), Signed([2, 1, 3, 3], [1, 2, 2, 2]));
        foreach ((string name, Pooling2d g) in new (string, Pooling2d)[] { ("square", Pooling2d.Square(2)), ("overlapping", new(3, 2, 2, 1, 1, 1)) })
        {
            yield return new($"max pool {name}", v => v[0].MaxPool2d(g).Square(), Signed([2, 2, 4, 5]));
            yield return new($"average pool {name}", v => v[0].AveragePool2d(g).Square(), Signed([2, 2, 4, 5]));
        }

        yield return new("global average pool", v => v[0].GlobalAveragePool2d().Square(), Signed([2, 3, 2, 3]));

        // Networks.
        yield return new("softmax", v => v[0].Softmax(), Signed([3, 4]));
        yield return new("softmax rank 3", v => v[0].Softmax(), Signed([2, 2, 3]));
        yield return new("softmax transposed", v => v[0].Transpose().Softmax(), Signed([3, 2]));
        yield return new("log-softmax", v => v[0].LogSoftmax(), Signed([3, 4]));
        yield return new("log-softmax vector", v => v[0].LogSoftmax(), Signed([4]));
        yield return new("cross-entropy", v => v[0].CrossEntropy(Tensor.From(2, 0, 1)), Signed([3, 4]));
        yield return new("cross-entropy smoothed", v => v[0].CrossEntropy(Tensor.From(2, -1, 1), 0.1, -1).Square(), Signed([3, 4]));
        yield return new("batch norm", v => v[0].BatchNorm(v[1], v[2], 1e-3, out _, out _), Signed([3, 2, 2, 2], [2], [2]));
        yield return new("batch norm of vectors", v => v[0].BatchNorm(v[1], v[2], 1e-3, out _, out _).Square(), Signed([4, 3], [3], [3]));
        yield return new("channel affine", v => v[0].ChannelAffine(v[1], v[2]).Square(), Signed([2, 3, 2, 2], [3], [3]));
        yield return new("layer norm", v => v[0].LayerNorm(v[1], v[2], 1e-3), Signed([3, 4], [4], [4]));
        yield return new("layer norm rank 3", v => v[0].LayerNorm(v[1], v[2], 1e-3).Square(), Signed([2, 2, 3], [3], [3]));
        yield return new("embedding", v => v[0].Embedding(Tensor.From([1, 0, 1, 3], [2, 2])).Square(), Signed([4, 3]));
        yield return new("dropout", v => v[0].Dropout(0.4, new RandomStream(3)).Square(), Signed([3, 5]));
        yield return new(
            "attention",
            v => v[0].MatMul(v[1].Transpose()).Softmax().MatMul(v[2]),
            Signed([2, 3, 2], [2, 3, 2], [2, 3, 2]));
    }

    /// <summary>Numbers of both signs, away from 0 and from each other.</summary>
    private static Func<Tensor[]> Signed(params Shape[] shapes) => () => Numbers(shapes, signed: true);

    private static Func<Tensor[]> Positive(params Shape[] shapes) => () => Numbers(shapes, signed: false);

    private static Tensor[] Numbers(Shape[] shapes, bool signed)
    {
        int drawn = 0;
        return Array.ConvertAll(shapes, shape =>
        {
            double[] numbers = new double[shape.Length];
            for (int i = 0; i < numbers.Length; i++)
            {
                drawn++;
                double magnitude = 0.3 + (drawn * 0.7548776662466927 % 1);
                numbers[i] = signed && drawn * 0.5698402909980532 % 1 < 0.5 ? -magnitude : magnitude;
            }

            return Tensor.From(numbers, shape);
        });
    }
}
