using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using Thor.Autograd;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Tests.Autograd.SecondOrder;
using Xunit;

namespace Thor.Tests.Autograd.Optimizers;

public sealed class MuonTests
{
    [Theory]
    [InlineData(6, 9)]
    [InlineData(9, 6)]
    [InlineData(1, 4)]
    public void Orthogonalization_KeepsSingularVectorsAndMovesValuesNearOne(int rows, int columns)
    {
        using TensorScope scope = TensorScope.Begin();
        Tensor matrix = CurvatureBench.Normal(1, rows, columns);
        Svd<double> before = CurvatureBench.Matrix(matrix).Svd();
        Matrix<double> after = CurvatureBench.Matrix(Orthogonalization.Of(matrix));

        // In the basis of the matrix's own singular vectors the result is diagonal: five times the quintic of each value over the norm.
        Matrix<double> turned = before.U.Transpose() * after * before.VT.Transpose();
        double norm = before.S.L2Norm();
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double expected = i == j ? Quintic(before.S[i] / norm) : 0;
                Assert.Equal(expected, turned[i, j], 1e-5);
                Assert.True(i != j || turned[i, j] is > 0.68 and < 1.14, $"singular value {turned[i, j]}");
            }
        }
    }

    [Fact]
    public void Orthogonalization_OfZero_IsZero() =>
        Assert.All(Orthogonalization.Of(Tensor.Zeros([2, 3])).ToArray<float>(), static value => Assert.Equal(0, value));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_OfAMatrixAndAVector_AreMuonsAndAdams(bool nesterov)
    {
        using TensorScope scope = TensorScope.Begin();
        Parameter matrix = new(CurvatureBench.Normal(1, 6, 2));
        Parameter filters = new(CurvatureBench.Normal(2, 2, 1, 2, 2));
        Parameter vector = new(CurvatureBench.Normal(3, 4));
        Parameter twin = new(vector.Value.Clone());
        Parameter table = new(CurvatureBench.Normal(4, 3, 2));
        Parameter tableTwin = new(table.Value.Clone());
        ParameterGroup group = new(new Dictionary<string, Parameter> { ["matrix"] = matrix, ["filters"] = filters, ["vector"] = vector, ["table"] = table });
        using Muon muon = new([group], 0.1, momentum: 0.8, nesterov, weightDecay: 0.5, otherRate: 0.25, excluded: ["tab*"]);
        using AdamW adam = new([twin, tableTwin], 0.1 * 0.25, weightDecay: 0.5);
        Matrix<double> expected = CurvatureBench.Matrix(matrix.Value);
        Matrix<double> expectedFilters = CurvatureBench.Matrix(filters.Value, 4);
        Matrix<double> velocity = Matrix<double>.Build.Dense(6, 2);
        Matrix<double> filterVelocity = Matrix<double>.Build.Dense(2, 4);
        for (ulong step = 0; step < 3; step++)
        {
            matrix.Gradient = CurvatureBench.Normal(10 + step, 6, 2);
            filters.Gradient = CurvatureBench.Normal(20 + step, 2, 1, 2, 2);
            vector.Gradient = twin.Gradient = CurvatureBench.Normal(30 + step, 4);
            table.Gradient = tableTwin.Gradient = CurvatureBench.Normal(40 + step, 3, 2);
            expected = Reference(expected, velocity, CurvatureBench.Matrix(matrix.Gradient), nesterov, Math.Sqrt(3));
            expectedFilters = Reference(expectedFilters, filterVelocity, CurvatureBench.Matrix(filters.Gradient, 4), nesterov, 1);
            muon.Step();
            adam.Step();
        }

        Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(matrix.Value)) < 1e-6);
        Assert.True(CurvatureBench.Error(expectedFilters, CurvatureBench.Matrix(filters.Value, 4)) < 1e-6);
        Assert.Equal(twin.Value.ToArray<double>(), vector.Value.ToArray<double>());
        Assert.Equal(tableTwin.Value.ToArray<double>(), table.Value.ToArray<double>());
        Assert.Equal(
            ["step", "updates", "matrix.velocity", "filters.velocity", "vector.mean", "vector.mean_square", "table.mean", "table.mean_square"],
            muon.StateDict().Keys);
    }

    private static double Quintic(double x)
    {
        for (int i = 0; i < 5; i++)
        {
            x = (3.4445 * x) - (4.7750 * x * x * x) + (2.0315 * x * x * x * x * x);
        }

        return x;
    }

    /// <summary>One step with rate 0.1, momentum 0.8 and decay 0.5, by the singular value decomposition.</summary>
    private static Matrix<double> Reference(Matrix<double> w, Matrix<double> velocity, Matrix<double> gradient, bool nesterov, double scale)
    {
        ((0.8 * velocity) + gradient).CopyTo(velocity);
        Matrix<double> ahead = nesterov ? gradient + (0.8 * velocity) : velocity;
        Svd<double> svd = ahead.Svd();
        Matrix<double> diagonal = Matrix<double>.Build.Dense(ahead.RowCount, ahead.ColumnCount, (i, j) => i == j ? Quintic(svd.S[i] / svd.S.L2Norm()) : 0);
        return (w * (1 - (0.1 * 0.5))) - (0.1 * scale * svd.U * diagonal * svd.VT);
    }
}
