using MathNet.Numerics;
using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Engine;

[Trait("Simd", "true")]
public sealed class TensorElementwiseTests
{
    private static readonly int[] s_lengths = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 101, 1031];

    public static TheoryData<UnaryOperation, DType> UnaryCases()
    {
        TheoryData<UnaryOperation, DType> cases = [];
        foreach (UnaryOperation operation in Enum.GetValues<UnaryOperation>())
        {
            cases.Add(operation, DType.Float32);
            cases.Add(operation, DType.Float64);
        }

        return cases;
    }

    public static TheoryData<BinaryOperation, DType> BinaryCases()
    {
        TheoryData<BinaryOperation, DType> cases = [];
        foreach (BinaryOperation operation in Enum.GetValues<BinaryOperation>())
        {
            cases.Add(operation, DType.Float32);
            cases.Add(operation, DType.Float64);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(UnaryCases))]
    public void Map_OfOneOperand_MatchesReferenceAtEveryLength(UnaryOperation operation, DType type)
    {
        bool positive = operation is UnaryOperation.SquareRoot or UnaryOperation.ReciprocalSquareRoot or UnaryOperation.Logarithm;
        foreach (int length in s_lengths)
        {
            Tensor x = Numbers.Random([length], 7, positive ? 0.01 : -8, 8, type);
            double[] expected = Array.ConvertAll(Numbers.Values(x), v => Reference(operation, v));
            Numbers.Near(expected, x.Map(operation), Tolerance(type), operation == UnaryOperation.Gelu ? Tolerance(type) : Smallest(type));
            Numbers.Near(expected, x.Clone().MapInPlace(operation), Tolerance(type), operation == UnaryOperation.Gelu ? Tolerance(type) : Smallest(type));
        }
    }

    [Theory]
    [MemberData(nameof(UnaryCases))]
    public void Map_OfTransposedView_EqualsMapOfItsCopy(UnaryOperation operation, DType type)
    {
        Tensor x = Numbers.Random([5, 23, 9], 8, 0.1, 3, type).Permute(2, 0, 1);
        Assert.Equal(Numbers.Bits(x.Contiguous().Map(operation)), Numbers.Bits(x.Map(operation)));
        Tensor y = x.Contiguous().Permute(1, 2, 0);
        Assert.Equal(Numbers.Bits(y.Map(operation)), Numbers.Bits(y.MapInPlace(operation)));
    }

    [Theory]
    [MemberData(nameof(UnaryCases))]
    public void Map_OfSpecialValues_FollowsIeeeRules(UnaryOperation operation, DType type)
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 100, -100, 1e-30];
        Tensor x = Tensor.From(special).Cast(type);
        if (operation is UnaryOperation.Gelu)
        {
            // -infinity * 0 has no value.
            x = x.MapInPlace(BinaryOperation.Maximum, -1000);
        }

        double[] expected = Array.ConvertAll(Numbers.Values(x), v => type == DType.Float32 ? (float)Reference(operation, v) : Reference(operation, v));
        Numbers.Near(expected, x.Map(operation), Tolerance(type), Smallest(type));
    }

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void Map_OfTwoOperands_MatchesReferenceForEveryLayout(BinaryOperation operation, DType type)
    {
        (Shape A, Shape B)[] shapes =
        [
            ([0], [0]), ([1], [1]), ([17], [17]), ([3, 1], [1, 37]), ([4, 33], [33]), ([33], [4, 33]), ([5, 1], [5, 19]), ([2, 3, 5], [3, 1]),
            ([], [6]), ([7, 1, 5], [1, 4, 1]), ([2, 0, 3], [1, 3]), ([64, 70], [64, 70]),
        ];
        foreach ((Shape sa, Shape sb) in shapes)
        {
            Tensor a = Numbers.Random(sa, 1, 0.25, 3, type);
            Tensor b = Numbers.Random(sb, 2, -2, 2, type);
            Check(operation, a, b, type);
        }

        Tensor left = Numbers.Random([6, 5, 18], 3, 0.25, 3, type);
        Tensor right = Numbers.Random([18, 5, 6], 4, -2, 2, type);
        Check(operation, left, right.Permute(2, 1, 0), type);
        Check(operation, left.Permute(2, 0, 1), right.Permute(0, 2, 1), type);
        Check(operation, left.Slice(2, 1, 8, 2), right.Permute(2, 1, 0).Slice(2, 3, 8), type);
    }

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void Map_WithScalar_EqualsMapWithFilledTensor(BinaryOperation operation, DType type)
    {
        foreach (int length in s_lengths)
        {
            Tensor x = Numbers.Random([length], 5, 0.25, 3, type);
            Tensor y = Tensor.Full([length], 1.75, type);
            Numbers.Near(Numbers.Values(Tensor.Map(operation, x, y)), Tensor.Map(operation, x, 1.75), Tolerance(type));
            Numbers.Near(Numbers.Values(Tensor.Map(operation, y, x)), Tensor.Map(operation, 1.75, x), Tolerance(type));
            Numbers.Near(Numbers.Values(Tensor.Map(operation, x, y)), x.Clone().MapInPlace(operation, 1.75), Tolerance(type));
            Numbers.Near(Numbers.Values(Tensor.Map(operation, x, y)), x.Clone().MapInPlace(operation, y), Tolerance(type));
        }
    }

    [Theory]
    [InlineData(BinaryOperation.Maximum)]
    [InlineData(BinaryOperation.Minimum)]
    public void Extremes_WithNaN_GiveNaN(BinaryOperation operation)
    {
        Tensor a = Tensor.From(double.NaN, 1, double.NaN, 2).Cast(DType.Float32);
        Tensor b = Tensor.From(1, double.NaN, double.NaN, 3).Cast(DType.Float32);
        double[] values = Numbers.Values(Tensor.Map(operation, a, b));
        Assert.Equal([double.NaN, double.NaN, double.NaN, operation == BinaryOperation.Maximum ? 3 : 2], values);
    }

    [Fact]
    public void Power_OfNegativeBaseAndIntegerExponent_KeepsSign()
    {
        Tensor x = Tensor.From(-2.0, -3.0, 2.0);
        Assert.Equal([-8.0, -27.0, 8.0], Tensor.Map(BinaryOperation.Power, x, 3).ToArray<double>());
        Assert.Equal([4.0, 9.0, 4.0], Tensor.Map(BinaryOperation.Power, x, 2).ToArray<double>());
        Assert.Equal([-0.5, -1.0 / 3, 0.5], Tensor.Map(BinaryOperation.Power, x, -1).ToArray<double>());
    }

    [Fact]
    public void Integers_ComputeAndCompare()
    {
        Tensor a = Tensor.From(5, -3, 7, int.MaxValue);
        Tensor b = Tensor.From(2, -3, 9, 1);
        Assert.Equal([7, -6, 16, int.MinValue], (a + b).ToArray<int>());
        Assert.Equal([3, 0, -2, int.MaxValue - 1], (a - b).ToArray<int>());
        Assert.Equal([10, 9, 63, int.MaxValue], (a * b).ToArray<int>());
        Assert.Equal([1, 0, 0, 1], Tensor.Map(BinaryOperation.Greater, a, b).ToArray<int>());
        Assert.Equal([1, 1, 0, 1], Tensor.Map(BinaryOperation.GreaterOrEqual, a, b).ToArray<int>());
        Assert.Equal([0, 1, 0, 0], Tensor.Map(BinaryOperation.Equal, a, b).ToArray<int>());
        Assert.Equal([5, -3, 9, int.MaxValue], Tensor.Map(BinaryOperation.Maximum, a, b).ToArray<int>());
        Assert.Equal([5, 3, 7, int.MaxValue], a.Map(UnaryOperation.Absolute).ToArray<int>());
        Assert.Equal([1, 1, 7, 0], Tensor.Where(Tensor.From(0, 0, 1, 0), a, Tensor.From(1, 1, 0, 0)).ToArray<int>());
    }

    [Fact]
    public void Cast_ToIntegers_TruncatesAndSaturates()
    {
        double[] values = [1.9, -1.9, 1e20, -1e20, double.NaN, 0.5];
        int[] expected = [1, -1, int.MaxValue, int.MinValue, 0, 0];
        Assert.Equal(expected, Tensor.From(values).Cast(DType.Int32).ToArray<int>());
        Assert.Equal(expected, Tensor.From(values).Cast(DType.Float32).Cast(DType.Int32).ToArray<int>());
        Assert.Equal([1, -1, 1, 0, 0, 0], Tensor.From([1.5, 0, -1, 0, 1, 0.0], [3, 2]).Transpose().Cast(DType.Int32).ToArray<int>());
    }

    [Fact]
    public void Where_WithNaNCondition_TakesFirst()
    {
        Tensor condition = Tensor.From(double.NaN, 0, -1, -0.0);
        Assert.Equal([1.0, 2, 1, 2], Tensor.Where(condition, Tensor.Scalar(1, DType.Float64), Tensor.Scalar(2, DType.Float64)).ToArray<double>());
    }

    [Fact]
    public void Where_OfBroadcastOperands_MatchesReference()
    {
        Tensor condition = Tensor.Map(BinaryOperation.Greater, Numbers.Random([19, 1], 1), 0.0);
        Tensor a = Numbers.Random([1, 21], 2);
        Tensor b = Numbers.Random([21, 19], 3).Transpose();
        Tensor y = Tensor.Where(condition, a, b);
        for (int i = 0; i < 19; i++)
        {
            for (int j = 0; j < 21; j++)
            {
                double expected = condition.Select(0, i).Item() != 0 ? a.Select(1, j).Item() : b.Select(0, i).Select(0, j).Item();
                Assert.Equal(expected, y.Select(0, i).Select(0, j).Item());
            }
        }
    }

    [Fact]
    public void AddInPlace_OfBroadcastOperand_AddsMultiple()
    {
        Tensor y = Numbers.Random([6, 35], 1);
        foreach (Tensor x in (Tensor[])[Numbers.Random([35], 2), Numbers.Random([6, 1], 3), Numbers.Random([35, 6], 4).Transpose(), Tensor.Scalar(3, DType.Float64)])
        {
            double[] expected = Numbers.Values(y + (x * -0.5));
            Numbers.Near(expected, y.Clone().AddInPlace(x, -0.5), 1e-15, 1e-15);
            Tensor strided = y.Transpose().Contiguous().Transpose();
            Numbers.Near(expected, strided.AddInPlace(x, -0.5), 1e-15, 1e-15);
        }
    }

    [Fact]
    public void InPlace_WithOverlappingOperand_ReadsValuesFromBefore()
    {
        Tensor x = Numbers.Random([40, 40], 9);
        double[] expected = Numbers.Values(x + x.Transpose());
        Assert.Equal(expected, Numbers.Values(x.MapInPlace(BinaryOperation.Add, x.Transpose())));
        double[] shifted = Numbers.Values(x.Slice(0, 0, 39) + x.Slice(0, 1, 39));
        Assert.Equal(shifted, Numbers.Values(x.Slice(0, 1, 39).AddInPlace(x.Slice(0, 0, 39))));
        double[] turned = Numbers.Values(x.Transpose());
        Assert.Equal(turned, Numbers.Values(x.CopyFrom(x.Transpose())));
    }

    [Fact]
    public void InPlace_OfStridedView_LeavesRestAlone()
    {
        Tensor x = Tensor.Zeros([6, 8], DType.Float64);
        x.Slice(1, 1, 3, 2).MapInPlace(BinaryOperation.Add, 2);
        Assert.Equal(36, x.Sum().Item());
        Assert.Equal(12, x.Slice(1, 3, 1).Sum().Item());
    }

    [Fact]
    public void Operators_OfMisfits_SayWhatWasGiven()
    {
        Tensor a = Tensor.Zeros([2, 3]);
        ShapeException shapes = Assert.Throws<ShapeException>(() => a + Tensor.Zeros([4]));
        Assert.Contains("Add", shapes.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", shapes.Message, StringComparison.Ordinal);
        Assert.Contains("[4]", shapes.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => a * Tensor.Zeros([2, 3], DType.Float64));
        Assert.Throws<ShapeException>(() => Tensor.From(1, 2) / Tensor.From(1, 2));
        Assert.Throws<ShapeException>(() => Tensor.From(1, 2).Map(UnaryOperation.Exponential));
        Assert.Throws<ShapeException>(() => a.AddInPlace(Tensor.Zeros([3, 3])));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([3]).BroadcastTo([2, 3]).AddInPlace(a));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([3]).BroadcastTo([2, 3]).Fill(1));
        Assert.Throws<ShapeException>(() => Tensor.Where(a, a, Tensor.From(1, 2, 3)));
    }

    private static void Check(BinaryOperation operation, Tensor a, Tensor b, DType type)
    {
        Tensor y = Tensor.Map(operation, a, b);
        double[] left = Numbers.Values(a);
        double[] right = Numbers.Values(b);
        double[] expected = new double[y.Length];
        for (long i = 0; i < y.Length; i++)
        {
            int[] index = Numbers.Index(y.Shape, i);
            expected[i] = Reference(operation, left[Numbers.Position(a.Shape, index)], right[Numbers.Position(b.Shape, index)]);
        }

        Numbers.Near(expected, y, Tolerance(type), Tolerance(type));
    }

    // log(1 + e) = 2 artanh(e / (2 + e)), exact for small e where the runtime's LogP1 is not.
    private static double LogOnePlus(double e) => 2 * Math.Atanh(e / (2 + e));

    private static double Tolerance(DType type) => type == DType.Float32 ? 4e-7 : 2e-15;

    private static double Smallest(DType type) => type == DType.Float32 ? 1.2e-38 : 2.3e-308;

    private static double Reference(UnaryOperation operation, double x) => operation switch
    {
        UnaryOperation.Negate => -x,
        UnaryOperation.Absolute => Math.Abs(x),
        UnaryOperation.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        UnaryOperation.Square => x * x,
        UnaryOperation.SquareRoot => Math.Sqrt(x),
        UnaryOperation.ReciprocalSquareRoot => 1 / Math.Sqrt(x),
        UnaryOperation.Reciprocal => 1 / x,
        UnaryOperation.Exponential => Math.Exp(x),
        UnaryOperation.Logarithm => Math.Log(x),
        UnaryOperation.Sine => Math.Sin(x),
        UnaryOperation.Cosine => Math.Cos(x),
        UnaryOperation.Tanh => Math.Tanh(x),
        UnaryOperation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryOperation.Relu => double.IsNaN(x) ? x : Math.Max(x, 0),
        UnaryOperation.Gelu => x * 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2)),
        UnaryOperation.Erf => SpecialFunctions.Erf(x),
        UnaryOperation.Softplus => double.IsNaN(x) ? x : Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x))),
        UnaryOperation.Step => x > 0 ? 1 : 0,
        UnaryOperation.IsFinite => double.IsFinite(x) ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private static double Reference(BinaryOperation operation, double a, double b) => operation switch
    {
        BinaryOperation.Add => a + b,
        BinaryOperation.Subtract => a - b,
        BinaryOperation.Multiply => a * b,
        BinaryOperation.Divide => a / b,
        BinaryOperation.Maximum => Math.Max(a, b),
        BinaryOperation.Minimum => Math.Min(a, b),
        BinaryOperation.Power => Math.Pow(a, b),
        BinaryOperation.Greater => a > b ? 1 : 0,
        BinaryOperation.GreaterOrEqual => a >= b ? 1 : 0,
        BinaryOperation.Equal => a == b ? 1 : 0,
        BinaryOperation.ReluGradient => a > 0 ? b : 0,
        BinaryOperation.GeluGradient => b * ((0.5 * SpecialFunctions.Erfc(-a / Math.Sqrt(2))) + (a * Math.Exp(-0.5 * a * a) / Math.Sqrt(2 * Math.PI))),
        BinaryOperation.TanhGradient => b * (1 - (a * a)),
        BinaryOperation.SigmoidGradient => b * a * (1 - a),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
