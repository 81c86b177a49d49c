using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

public sealed class ShampooTests
{
    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-8)]
    public void InverseRoot_OfABatch_IsTheFourthRootOfEach(double epsilon)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor roots = CurvatureBench.Normal(1, 3, 5, 5);
        Tensor matrices = roots.MatMul(roots.Transpose());
        matrices.Select(0, 1).MapInPlace(Thor.Kernels.BinaryOperation.Multiply, 1e6);
        matrices.Select(0, 2).Fill(0);
        (Tensor actual, Tensor converged) = InverseRoot.Fourth(matrices, epsilon);
        Assert.Equal([1.0, 1, 1], converged.ToArray<double>());
        for (int i = 0; i < 2; i++)
        {
            Matrix<double> matrix = CurvatureBench.Matrix(matrices.Select(0, i));
            Assert.True(CurvatureBench.Error(Root(matrix, epsilon), CurvatureBench.Matrix(actual.Select(0, i))) < 1e-8);
        }

        Assert.Equal(Math.Pow(1 + epsilon, -0.25), actual.Select(0, 2).Select(0, 0).Select(0, 0).Item(), 1e-10);
    }

    [Fact]
    public void InverseRoot_OfAnIndefiniteMatrix_SaysSo()
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor matrices = Tensor.From([1.0, 0, 0, -0.5, 2, 0, 0, 2, double.NaN, 0, 0, 1], [3, 2, 2]);
        Assert.Equal([0.0, 1, 0], InverseRoot.Fourth(matrices, 1e-4).Converged.ToArray<double>());
    }

    [Fact]
    public void Refresh_ATileWithoutARoot_KeepsItsLast()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(2, 2, bias: false, new RandomStream(1), DType.Float64);
        using ShampooPreconditioner shampoo = new(layer, new ShampooOptions { TileSize = 1, StatisticsDecay = 0, Grafting = false, Refresh = 1 });
        layer.Weight.Gradient = Tensor.From([4.0, 0, 0, 9], [2, 2]);
        shampoo.Transform(0.1);
        layer.Weight.Gradient = Tensor.From([1.0, 0, 0, double.PositiveInfinity], [2, 2]);
        shampoo.Transform(0.1);
        StateDict state = shampoo.StateDict();
        double[] roots = state["weight.L.root"].ToArray<double>();
        Assert.Equal(1, roots[0], 1e-4);
        Assert.Equal(1 / 3.0, roots[1], 1e-4);
    }

    [Theory]
    [InlineData(4, 1.0, false)] // ragged tiles, sums
    [InlineData(4, 0.75, true)]
    [InlineData(KroneckerOptions.Whole, 0.75, false)]
    public void Direction_AfterSomeSteps_IsTheFormulas(int tileSize, double decay, bool grafting)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(7, 6, random: new RandomStream(1), type: DType.Float64);
        using ShampooPreconditioner shampoo = new(layer, new ShampooOptions
        {
            TileSize = tileSize,
            StatisticsDecay = decay,
            Grafting = grafting,
            Refresh = RefreshSchedule.Every(2),
            Epsilon = 1e-3,
        });
        Matrix<double> left = Matrix<double>.Build.Dense(6, 6);
        Matrix<double> right = Matrix<double>.Build.Dense(7, 7);
        Matrix<double>? leftRoot = null;
        Matrix<double>? rightRoot = null;
        int block = Math.Min(tileSize, 7);
        for (int step = 0; step < 4; step++)
        {
            layer.Weight.Gradient = CurvatureBench.Normal((ulong)(10 + step), 6, 7);
            layer.Bias!.Gradient = Tensor.Ones([6], DType.Float64); // the layer has a bias
            Matrix<double> gradient = CurvatureBench.Matrix(layer.Weight.Gradient);
            double keep = decay < 1 ? decay * (1 - Math.Pow(decay, step)) / (1 - Math.Pow(decay, step + 1)) : 1;
            double share = decay < 1 ? (1 - decay) / (1 - Math.Pow(decay, step + 1)) : 1;
            left = (keep * left) + (share * gradient * gradient.Transpose());
            right = (keep * right) + (share * gradient.Transpose() * gradient);
            if (step % 2 == 0)
            {
                leftRoot = TileRoots(left, block);
                rightRoot = TileRoots(right, block);
            }

            shampoo.Transform(0.1);
            Matrix<double> expected = leftRoot! * gradient * rightRoot!; // step 0 made both
            expected *= grafting ? gradient.FrobeniusNorm() / expected.FrobeniusNorm() : 1;
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(shampoo.Direction(layer.Weight)!)) < 1e-8); // it is a matrix
            Assert.Null(shampoo.Direction(layer.Bias));
        }
    }

    [Fact]
    public void Step_OfOneElement_IsAdaGrads()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear one = new(1, 1, bias: false, new RandomStream(1), DType.Float64);
        Linear twin = new(1, 1, bias: false, new RandomStream(1), DType.Float64);
        using Preconditioned shampoo = new(
            new ShampooPreconditioner(one, new ShampooOptions { StatisticsDecay = 1, Epsilon = 1e-14, Grafting = false, Refresh = 1 }),
            new Sgd(ParameterGroup.Of(one), 0.1));
        using AdaGrad adaGrad = new(ParameterGroup.Of(twin), 0.1);
        foreach (double gradient in new[] { 0.3, -2, 0.001, 40 })
        {
            one.Weight.Gradient = twin.Weight.Gradient = Tensor.From([gradient], [1, 1]);
            shampoo.Step();
            adaGrad.Step();
            Assert.Equal(twin.Weight.Value.Item(), one.Weight.Value.Item(), 1e-9);
        }
    }

    /// <summary>(M + epsilon |M| I)^(-1/4) by eigenvalues.</summary>
    private static Matrix<double> Root(Matrix<double> matrix, double epsilon)
    {
        Evd<double> eigen = (matrix + (epsilon * matrix.FrobeniusNorm() * Matrix<double>.Build.DenseIdentity(matrix.RowCount))).Evd(Symmetricity.Symmetric);
        return eigen.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(eigen.EigenValues.Map(static v => Math.Pow(v.Real, -0.25))) * eigen.EigenVectors.Transpose();
    }

    /// <summary>The roots of the diagonal blocks.</summary>
    private static Matrix<double> TileRoots(Matrix<double> matrix, int block)
    {
        Matrix<double> roots = Matrix<double>.Build.Dense(matrix.RowCount, matrix.RowCount);
        for (int start = 0; start < matrix.RowCount; start += block)
        {
            int size = Math.Min(block, matrix.RowCount - start);
            roots.SetSubMatrix(start, start, Root(matrix.SubMatrix(start, size, start, size), 1e-3));
        }

        return roots;
    }
}
