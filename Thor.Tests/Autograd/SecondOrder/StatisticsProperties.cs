using FsCheck;
using FsCheck.Fluent;
using MathNet.Numerics.LinearAlgebra;
using Microsoft.FSharp.Core;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>What holds for statistics of any shape.</summary>
public sealed class StatisticsProperties
{
    private const double Tolerance = 1e-11;

    private static readonly Gen<Problem> s_problems =
        from samples in Gen.Choose(1, 5)
        from positions in Gen.Choose(1, 4)
        from inputs in Gen.Choose(1, 9)
        from outputs in Gen.Choose(1, 7)
        from tileSize in Gen.Choose(1, 10)
        from reduced in Gen.Elements(false, true)
        from homogeneous in Gen.Elements(false, true)
        from seed in Gen.Choose(1, 1000)
        select new Problem(samples, positions, inputs, outputs, tileSize, reduced, homogeneous, (ulong)seed);

    [Fact]
    public void DenseFactors_OfAnyShape_AreTheTilesOfTheirDefinition() => Hold(problem =>
    {
        (Matrix<double> a, Matrix<double> g) = Definition(problem);
        Matrix<double>[] found = Factors(problem, static loss => loss.Backward());
        return Agree(CurvatureBench.Masked(a, problem.TileSize), found[0]) && Agree(CurvatureBench.Masked(g, problem.TileSize), found[1]);
    });

    [Fact]
    public void DenseFactors_OfAnyShapeAndLossScale_AreThoseWithoutIt() => Hold(problem =>
    {
        double scale = Math.ScaleB(1, (int)(problem.Seed % 21) - 10);
        Matrix<double>[] plain = Factors(problem, static loss => loss.Backward());
        Matrix<double>[] scaled = Factors(problem, loss => loss.Backward(scale));
        return Agree(plain[0], scaled[0]) && Agree(plain[1], scaled[1]);
    });

    [Fact]
    public void DenseFactors_OfAnyShape_AreSymmetricWithoutNegativeEigenvalues() => Hold(problem => Factors(problem, static loss => loss.Backward())
        .All(static factor => factor.IsSymmetric() && factor.Evd(Symmetricity.Symmetric).EigenValues.All(value => value.Real >= -Tolerance * (1 + factor.Trace()))));

    /// <summary>Fifty problems, the same ones in every run.</summary>
    private static void Hold(Func<Problem, bool> property)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(50).WithQuietOnSuccess(true).WithReplay(new Replay(new Rnd(20261126, 1), FSharpOption<int>.None));
        Check.One(config, Prop.ForAll(s_problems.ToArbitrary(), property));
    }

    private static bool Agree(Matrix<double> expected, Matrix<double> actual) =>
        expected.RowCount == actual.RowCount && CurvatureBench.Error(expected, actual) < Tolerance;

    /// <summary>A and G as a preconditioner gathers them, whole matrices with zeros off the tiles.</summary>
    private static Matrix<double>[] Factors(Problem problem, Action<Variable> backward)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(problem.Inputs, problem.Outputs, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(problem.TileSize) with
        {
            Sharing = problem.Reduced ? WeightSharing.Reduce : WeightSharing.Expand,
            Bias = problem.Homogeneous ? BiasRule.Homogeneous : BiasRule.FirstOrder,
        });
        backward((layer.Forward(problem.X) * problem.G).Sum() * (1.0 / problem.Samples));
        layer.Weight.ZeroGrad();
        layer.Bias!.ZeroGrad(); // the layer was made with one
        return [.. curvature[layer].Factors.Select(static factor => CurvatureBench.Whole(factor, factor.Tiles))];
    }

    /// <summary>A and G written out, row by row.</summary>
    private static (Matrix<double> A, Matrix<double> G) Definition(Problem problem)
    {
        using TensorScope scope = TensorScope.Begin();
        Matrix<double> x = CurvatureBench.Matrix(problem.X);
        Matrix<double> g = CurvatureBench.Matrix(problem.G);
        if (problem.Reduced)
        {
            x = Matrix<double>.Build.Dense(problem.Samples, problem.Inputs, (n, i) => OfSample(x, n).Column(i).Average());
            g = Matrix<double>.Build.Dense(problem.Samples, problem.Outputs, (n, i) => OfSample(g, n).Column(i).Sum());
        }

        x = problem.Homogeneous ? x.Append(Matrix<double>.Build.Dense(x.RowCount, 1, 1)) : x;
        return (x.TransposeThisAndMultiply(x) / x.RowCount, g.TransposeThisAndMultiply(g) / g.RowCount);

        Matrix<double> OfSample(Matrix<double> rows, int sample) => rows.SubMatrix(sample * problem.Positions, problem.Positions, 0, rows.ColumnCount);
    }

    private sealed record Problem(int Samples, int Positions, int Inputs, int Outputs, int TileSize, bool Reduced, bool Homogeneous, ulong Seed)
    {
        public Tensor X => CurvatureBench.Normal(Seed, Samples, Positions, Inputs);

        public Tensor G => CurvatureBench.Normal(Seed + 5000, Samples, Positions, Outputs);
    }
}
