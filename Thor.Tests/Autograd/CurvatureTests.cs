using Thor.Autograd;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Xunit;

namespace Thor.Tests.Autograd;

public sealed class CurvatureTests
{
    [Fact]
    public void HessianVector_OfAQuadratic_IsItsMatrix()
    {
        // 1/2 x^T A x with A symmetric has Hessian A.
        Parameter x = new(Tensor.From(0.3, -0.7));
        Variable a = Tensor.From([2.0, 1, 1, 5], [2, 2]);

        Tensor[] product = Curvature.HessianVector(() => x.MatMul(a.MatMul(x)) * 0.5, [x], [Tensor.From(1.0, 10)]);

        Assert.Equal([12.0, 51.0], product[0].ToArray<double>());
    }

    [Fact]
    public void HessianVector_OfANetwork_AgreesWithTheExplicitHessian()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = Numbers([4, 3], 1);
        Tensor labels = Tensor.From(0, 1, 1, 0);
        Parameter w1 = new(Numbers([4, 3], 2));
        Parameter b1 = new(Numbers([4], 3));
        Parameter w2 = new(Numbers([2, 4], 4));
        Parameter[] parameters = [w1, b1, w2];
        Variable Loss() => x.MatMul(w1.Transpose(), b1).Gelu().MatMul(w2.Transpose()).CrossEntropy(labels).Mean();

        Tensor[] direction = [Numbers([4, 3], 5), Numbers([4], 6), Numbers([2, 4], 7)];
        double[] product = Flat(Curvature.HessianVector(Loss, parameters, direction));

        double[,] hessian = ExplicitHessian(Loss, parameters);
        double[] v = Flat(direction);
        for (int i = 0; i < v.Length; i++)
        {
            double expected = 0;
            for (int j = 0; j < v.Length; j++)
            {
                expected += hessian[i, j] * v[j];
            }

            // Central differences of the gradient err by about 1e-10 per element; 24 of them are summed.
            Assert.Equal(expected, product[i], 1e-8);
        }

        Assert.All(parameters, static p => Assert.Null(p.Gradient));
    }

    [Fact]
    public void HessianVector_OfAParameterTheLossIsLinearIn_IsZero()
    {
        Parameter x = new(Tensor.From(1.0, 2));
        Parameter y = new(Tensor.From(3.0));

        Tensor[] product = Curvature.HessianVector(() => x.Sum(), [x, y], [Tensor.Ones([2], DType.Float64), Tensor.Ones([1], DType.Float64)]);

        Assert.Equal([0.0, 0, 0], Flat(product));
    }

    /// <summary>Column by column, by central differences of the gradient.</summary>
    private static double[,] ExplicitHessian(Func<Variable> loss, Parameter[] parameters)
    {
        const double Step = 1e-5;
        int n = (int)parameters.Sum(static p => p.Value.Length);
        double[,] hessian = new double[n, n];
        int column = 0;
        foreach (Parameter parameter in parameters)
        {
            for (int e = 0; e < parameter.Value.Length; e++, column++)
            {
                double x = parameter.Value.AsSpan<double>()[e];
                parameter.Value.AsSpan<double>()[e] = x + Step;
                double[] above = Flat(Gradients.Of(loss(), parameters).Select(static g => g.Value));
                parameter.Value.AsSpan<double>()[e] = x - Step;
                double[] below = Flat(Gradients.Of(loss(), parameters).Select(static g => g.Value));
                parameter.Value.AsSpan<double>()[e] = x;
                for (int row = 0; row < n; row++)
                {
                    hessian[row, column] = (above[row] - below[row]) / (2 * Step);
                }
            }
        }

        return hessian;
    }

    private static double[] Flat(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(static t => t.ToArray<double>())];

    private static Tensor Numbers(Shape shape, int seed) =>
        Tensor.From([.. Enumerable.Range(0, (int)shape.Length).Select(i => Math.Sin((seed * 100) + (i * 1.7)))], shape);
}
