using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>Element-wise functions, reductions, copies, rows by index, random numbers and updates.</summary>
internal static class ElementwiseChecks
{
    // Odd extents: no vector width, group or tile divides them.
    private const int Rows = 67;
    private const int Columns = 131;

    // Roundings allowed to one elementary function of the field's libraries, which promise a few units in the last place.
    private const double FunctionRoundings = 8;

    public static IEnumerable<Check> All() => [.. Unary(), .. Binary(), .. Layouts(), .. Reductions(), .. Indices(), .. RandomNumbers(), .. Updates()];

    private static IEnumerable<Check> Unary()
    {
        foreach (UnaryOperation operation in Enum.GetValues<UnaryOperation>())
        {
            bool positive = operation is UnaryOperation.Logarithm or UnaryOperation.SquareRoot or UnaryOperation.ReciprocalSquareRoot;
            yield return new PrimitiveCheck(
                $"{operation}", FunctionRoundings, r => [positive ? r.Uniform([Rows, Columns]) + 0.01 : r.Normal([Rows, Columns]) * 2], x => [x[0].Map(operation)]);
        }
    }

    private static IEnumerable<Check> Binary()
    {
        foreach (BinaryOperation operation in Enum.GetValues<BinaryOperation>())
        {
            double roundings = operation == BinaryOperation.Power ? 4 * FunctionRoundings : FunctionRoundings;
            foreach ((string layout, Shape right) in ((string, Shape)[])[(string.Empty, [Rows, Columns]), (", broadcast", [Columns])])
            {
                yield return new PrimitiveCheck(
                    $"{operation}{layout}",
                    roundings,
                    r => [Left(operation, r), r.Normal(right)],
                    x => [Binary(operation, x[0], x[1])],
                    Sums: operation == BinaryOperation.Add);
            }
        }
    }

    /// <summary>Left operands at which the function is well conditioned.</summary>
    private static Tensor Left(BinaryOperation operation, RandomStream random) => operation switch
    {
        BinaryOperation.Power => random.Uniform([Rows, Columns]) + 0.5,
        BinaryOperation.TanhGradient => (random.Uniform([Rows, Columns]) * 1.8) - 0.9,
        _ => random.Normal([Rows, Columns]),
    };

    /// <summary>The derivative of GELU has a zero, near which only its distance to it is accurate: twice the gradient is added.</summary>
    private static Tensor Binary(BinaryOperation operation, Tensor a, Tensor b) =>
        operation == BinaryOperation.GeluGradient ? Tensor.Map(operation, a, b) + (2 * b) : Tensor.Map(operation, a, b);

    private static IEnumerable<Check> Layouts()
    {
        yield return Exact("Copy, transposed", r => [r.Normal([Rows, Columns])], x => [x[0].Transpose().Clone()]);
        yield return Exact("Copy, permuted, 5 axes", r => [r.Normal([3, 5, 2, 7, 11])], x => [x[0].Permute(4, 0, 3, 1, 2).Clone()]);
        yield return Exact("Copy, every third", r => [r.Normal([Rows, Columns])], x => [x[0].Slice(1, 1, 40, 3).Clone()]);
        yield return Exact("Copy, float to int", r => [r.Normal([Rows, Columns]) * 100], x => [x[0].Cast(DType.Int32)]);
        yield return Exact("Fill", _ => [Tensor.Zeros([Rows])], x => [x[0].EmptyLike(x[0].Shape).Fill(3)]);
        yield return Exact("Select", r => [r.Normal([Rows, Columns]), r.Normal([Columns]), r.Normal([Rows, 1])], x => [Tensor.Where(x[0].Map(UnaryOperation.Step), x[1], x[2])]);
        yield return new PrimitiveCheck("AddScaled", 3, r => [r.Normal([Rows, Columns]), r.Normal([Columns])], x => [x[0].Clone().AddInPlace(x[1], 0.3)], Sums: true);
        yield return new PrimitiveCheck("Multiply by a number", 2, r => [r.Normal([Rows, Columns])], x => [x[0] * 0.3]);
        yield return Exact("Concatenate", r => [r.Normal([Rows, 3]), r.Normal([Rows, 5])], x => [Tensor.Concatenate(x, 1)]);
    }

    private static IEnumerable<Check> Reductions()
    {
        foreach (ReduceOperation operation in Enum.GetValues<ReduceOperation>())
        {
            bool sums = operation is ReduceOperation.Sum or ReduceOperation.Mean;
            foreach ((string where, int[] axes, int count) in ((string, int[], int)[])[("all", [], Rows * Columns), ("rows", [1], Columns), ("columns", [0], Rows)])
            {
                yield return new PrimitiveCheck($"{operation}, {where}", count, r => [r.Normal([Rows, Columns])], x => [x[0].Reduce(operation, axes)], sums);
            }
        }

        yield return new PrimitiveCheck("Sum, outer and inner of 4 axes", 7 * 11 * 4, r => [r.Normal([7, 5, 11, 4])], x => [x[0].Sum(0, 2, 3)], Sums: true);
        yield return new PrimitiveCheck("Sum, a million", 1 << 12, r => [r.Normal([1 << 20])], x => [x[0].Sum()], Sums: true);
        yield return Exact("ArgMax", r => [r.Normal([Rows, Columns])], x => [x[0].ArgMax()]);
    }

    private static IEnumerable<Check> Indices()
    {
        yield return Exact("Gather", r => [r.Normal([Rows, Columns]), Ids(r, 300, Rows)], x => [x[0].Gather(x[1])]);
        yield return Exact("OneHot", r => [Ids(r, 300, 10)], x => [x[0].OneHot(10)]);
        yield return new PrimitiveCheck(
            "ScatterAdd", 300, r => [r.Normal([Rows, Columns]), Ids(r, 300, Rows), r.Normal([300, Columns])], x => [x[0].Clone().ScatterAdd(x[1], x[2])], Sums: true);
    }

    private static IEnumerable<Check> RandomNumbers()
    {
        yield return new SameBitsCheck("Uniform", static d => new RandomStream(5, 3).Uniform([10_007], device: d));
        yield return new SameBitsCheck("Normal", static d => new RandomStream(5, 2).Normal([10_007], device: d));
        yield return new SameBitsCheck("DropoutMask", static d => new RandomStream(5, 1).DropoutMask([10_007], 0.7, device: d));
    }

    private static IEnumerable<Check> Updates()
    {
        foreach (UpdateRule rule in Enum.GetValues<UpdateRule>())
        {
            UpdateStep step = new(0.01, 0.9, 0.99, 1e-6, WeightDecay: 0.1, Count: 3, GradientScale: 0.5);
            yield return new PrimitiveCheck(
                $"Update, {rule}", 64, r => [r.Normal([5003]), r.Normal([5003]), r.Uniform([5003]) + 0.1, r.Uniform([5003]) + 0.1, Tensor.From(0.7f)], x => Update(rule, step, x));
        }
    }

    private static Tensor[] Update(UpdateRule rule, UpdateStep step, Tensor[] x)
    {
        (Tensor parameter, Tensor first, Tensor second) = (x[0].Clone(), x[2].Clone(), x[3].Clone());
        parameter.Device.Backend.Update(rule, step, parameter, x[1], first, second, x[4]);

        // The step is what matters, and states are all positive: differences of parameters would only measure cancellation.
        return [parameter - x[0] + 10, first + 10, second + 10];
    }

    private static PrimitiveCheck Exact(string name, Func<RandomStream, Tensor[]> inputs, Func<Tensor[], Tensor[]> operation) => new(name, 0, inputs, operation);

    private static Tensor Ids(RandomStream random, int count, int bound)
    {
        int[] ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = random.NextInt(bound);
        }

        return Tensor.From(ids);
    }
}
