using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.Layers;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Autograd.SecondOrder;

public sealed class SoapTests
{
    private const double Beta1 = 0.8;
    private const double Beta2 = 0.9;
    private const double Decay = 0.75;

    [Theory]
    [InlineData(4)] // ragged tiles
    [InlineData(KroneckerOptions.Whole)]
    public void Direction_AfterSomeSteps_IsAdamsInTheEigenbasis(int tileSize)
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(7, 6, random: new RandomStream(1), type: DType.Float64);
        using SoapPreconditioner soap = new(layer, new SoapOptions
        {
            TileSize = tileSize,
            StatisticsDecay = Decay,
            Refresh = RefreshSchedule.Every(2),
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = 1e-3,
        });
        int block = Math.Min(tileSize, 7);
        Matrix<double> left = Matrix<double>.Build.Dense(6, 6);
        Matrix<double> right = Matrix<double>.Build.Dense(7, 7);
        Matrix<double> u = left;
        Matrix<double> v = right;
        Matrix<double> mean = Matrix<double>.Build.Dense(6, 7); // in the parameter's own basis, as the paper keeps it
        Matrix<double> square = Matrix<double>.Build.Dense(6, 7);
        double[] biasMean = new double[6];
        double[] biasSquare = new double[6];
        for (int step = 0; step < 5; step++)
        {
            layer.Weight.Gradient = CurvatureBench.Normal((ulong)(10 + step), 6, 7);
            layer.Bias!.Gradient = CurvatureBench.Normal((ulong)(20 + step), 6); // the layer has a bias
            Matrix<double> g = CurvatureBench.Matrix(layer.Weight.Gradient);
            Matrix<double> expected = Matrix<double>.Build.Dense(6, 7);
            if (step > 0)
            {
                mean = (Beta1 * mean) + ((1 - Beta1) * g);
                Matrix<double> turned = u.Transpose() * g * v;
                square = (Beta2 * square) + ((1 - Beta2) * turned.PointwiseMultiply(turned));
                double start = 1 - Math.Pow(Beta1, step);
                double squareStart = 1 - Math.Pow(Beta2, step);
                Matrix<double> inBasis = (u.Transpose() * mean * v).MapIndexed((i, j, m) => m / start / (Math.Sqrt(square[i, j] / squareStart) + 1e-3));
                expected = u * inBasis * v.Transpose();
            }

            double share = (1 - Decay) / (1 - Math.Pow(Decay, step + 1));
            left = ((1 - share) * left) + (share * g * g.Transpose());
            right = ((1 - share) * right) + (share * g.Transpose() * g);
            if (step % 2 == 0)
            {
                u = Basis(left, block);
                v = Basis(right, block);
            }

            soap.Transform(0.1);
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(soap.Direction(layer.Weight)!)) < 1e-9); // a matrix
            double first = 1 - Math.Pow(Beta1, step + 1);
            double second = 1 - Math.Pow(Beta2, step + 1);
            double[] bias = soap.Direction(layer.Bias)!.ToArray<double>(); // SOAP steps along all parameters
            for (int i = 0; i < bias.Length; i++)
            {
                double b = layer.Bias.Gradient.ToArray<double>()[i];
                biasMean[i] = (Beta1 * biasMean[i]) + ((1 - Beta1) * b);
                biasSquare[i] = (Beta2 * biasSquare[i]) + ((1 - Beta2) * b * b);
                Assert.Equal(biasMean[i] / first / (Math.Sqrt(biasSquare[i] / second) + 1e-3), bias[i], 1e-12);
            }
        }
    }

    [Fact]
    public void Step_InTilesOfOne_IsAdam()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(3, 2, random: new RandomStream(1), type: DType.Float64);
        Linear twin = new(3, 2, random: new RandomStream(1), type: DType.Float64);
        using Preconditioned soap = new(new SoapPreconditioner(layer, new SoapOptions { TileSize = 1, Beta1 = 0.9, Beta2 = 0.99 }), new Sgd(ParameterGroup.Of(layer), 0.1));
        using Adam adam = new(ParameterGroup.Of(twin), 0.1, 0.9, 0.99);
        for (ulong step = 0; step < 4; step++)
        {
            layer.Weight.Gradient = CurvatureBench.Normal(step, 2, 3);
            layer.Bias!.Gradient = twin.Bias!.Gradient = CurvatureBench.Normal(10 + step, 2); // both have a bias
            twin.Weight.Gradient = step > 0 ? layer.Weight.Gradient : null; // the first makes no step
            soap.Step();
            adam.Step();
        }

        Assert.True(CurvatureBench.Error(CurvatureBench.Matrix(twin.Weight.Value), CurvatureBench.Matrix(layer.Weight.Value)) < 1e-14);
        Assert.True(CurvatureBench.Error(CurvatureBench.Matrix(twin.Bias!.Value), CurvatureBench.Matrix(layer.Bias!.Value)) < 1e-14); // as above
    }

    [Fact]
    public void Preconditioner_TilesThatHaveNoEigenvectors_AreRefused()
    {
        Linear layer = new(513, 2, random: new RandomStream(1));
        ArgumentOutOfRangeException problem = Assert.Throws<ArgumentOutOfRangeException>(() => new SoapPreconditioner(layer, new SoapOptions { TileSize = KroneckerOptions.Whole }));
        Assert.Contains("'weight' would have one of 513", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>Eigenvectors of the diagonal blocks; their signs do not matter to Adam.</summary>
    private static Matrix<double> Basis(Matrix<double> matrix, int block)
    {
        Matrix<double> basis = Matrix<double>.Build.Dense(matrix.RowCount, matrix.RowCount);
        for (int start = 0; start < matrix.RowCount; start += block)
        {
            int size = Math.Min(block, matrix.RowCount - start);
            basis.SetSubMatrix(start, start, matrix.SubMatrix(start, size, start, size).Evd(Symmetricity.Symmetric).EigenVectors);
        }

        return basis;
    }
}
