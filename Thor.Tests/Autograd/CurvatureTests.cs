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
        double[] matrix = Curvature.Hessian(Loss, parameters).ToArray<double>();
        Assert.Equal(hessian.Length, matrix.Length);
        Assert.All(hessian.Cast<double>().Zip(matrix), static pair => Assert.Equal(pair.First, pair.Second, 1e-8));
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

    [Fact]
    public void GaussNewtonVector_OfANetwork_IsJacobianHessianJacobian()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = Numbers([3, 2], 1);
        Tensor labels = Tensor.From(0, 2, 1);
        Parameter w1 = new(Numbers([4, 2], 2));
        Parameter b1 = new(Numbers([4], 3));
        Parameter w2 = new(Numbers([3, 4], 4));
        Parameter[] parameters = [w1, b1, w2];
        Variable Outputs() => x.MatMul(w1.Transpose(), b1).Tanh().MatMul(w2.Transpose());
        Variable Loss(Variable outputs) => outputs.CrossEntropy(labels).Mean();
        Tensor[] direction = [Numbers([4, 2], 5), Numbers([4], 6), Numbers([3, 4], 7)];

        double[] product = Flat(Curvature.GaussNewtonVector(Outputs, Loss, parameters, direction));

        double[][] jacobian = Jacobian(Outputs, parameters);
        Parameter free = new(Outputs().Value);
        double[] moved = [.. jacobian.Select(row => Dot(row, Flat(direction)))];
        double[] bent = Flat(Curvature.HessianVector(() => Loss(free), [free], [Tensor.From(moved, [3, 3])]));
        for (int i = 0; i < product.Length; i++)
        {
            Assert.Equal(jacobian.Select((row, k) => row[i] * bent[k]).Sum(), product[i], 1e-12);
        }

        Assert.All(parameters, static p => Assert.Null(p.Gradient));
    }

    [Fact]
    public void GaussNewtonVector_OfALinearModel_IsTheHessian()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = Numbers([5, 3], 1);
        Tensor labels = Tensor.From(0, 1, 1, 0, 1);
        Parameter w = new(Numbers([2, 3], 2));
        Tensor[] direction = [Numbers([2, 3], 3)];
        Variable Outputs() => x.MatMul(w.Transpose());

        double[] product = Flat(Curvature.GaussNewtonVector(Outputs, z => z.CrossEntropy(labels).Mean(), [w], direction));

        double[] hessian = Flat(Curvature.HessianVector(() => Outputs().CrossEntropy(labels).Mean(), [w], direction));
        for (int i = 0; i < product.Length; i++)
        {
            Assert.Equal(hessian[i], product[i], 1e-14);
        }
    }

    [Fact]
    public void FisherVector_OfANetwork_IsTheMeanOfOuterProductsOfSampleGradients()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = Numbers([4, 3], 1);
        Tensor labels = Tensor.From(0, 1, 1, 0);
        Parameter w1 = new(Numbers([4, 3], 2));
        Parameter w2 = new(Numbers([2, 4], 4));
        Parameter[] parameters = [w1, w2];
        Variable Losses() => x.MatMul(w1.Transpose()).Relu().MatMul(w2.Transpose()).CrossEntropy(labels);
        Tensor[] direction = [Numbers([4, 3], 5), Numbers([2, 4], 7)];

        double[] product = Flat(Curvature.FisherVector(Losses, parameters, direction));

        double[][] gradients = Jacobian(Losses, parameters);
        for (int i = 0; i < product.Length; i++)
        {
            Assert.Equal(gradients.Select(g => g[i] * Dot(g, Flat(direction))).Average(), product[i], 1e-14);
        }
    }

    [Fact]
    public void GaussNewtonVector_OfAConvolution_IsSymmetricAndPositive()
    {
        using TensorScope scope = TensorScope.Begin();
        Variable x = Numbers([2, 1, 4, 4], 1);
        Tensor labels = Tensor.From(0, 1);
        Parameter kernel = new(Numbers([2, 1, 3, 3], 2));
        Parameter w = new(Numbers([2, 8], 3));
        Parameter[] parameters = [kernel, w];
        Tensor[] u = [Numbers([2, 1, 3, 3], 4), Numbers([2, 8], 5)];
        Tensor[] v = [Numbers([2, 1, 3, 3], 6), Numbers([2, 8], 7)];
        double[] Product(Tensor[] direction) => Flat(Curvature.GaussNewtonVector(
            () => x.Conv2d(kernel, null, new Thor.Kernels.Convolution2d(Groups: 1)).Relu().Reshape(2, 8).MatMul(w.Transpose()), z => z.CrossEntropy(labels).Mean(), parameters, direction));

        Assert.Equal(Dot(Product(u), Flat(v)), Dot(Product(v), Flat(u)), 1e-13);
        Assert.True(Dot(Product(u), Flat(u)) > 0);
    }

    [Fact]
    public void Products_WithWhatDoesNotFit_AreRefused()
    {
        Parameter x = new(Tensor.From(1.0, 2));
        Assert.Throws<ShapeException>(() => Curvature.GaussNewtonVector(() => x, static z => z.Sum(), [x], []));
        Assert.Throws<ShapeException>(() => Curvature.GaussNewtonVector(() => x, static z => z, [x], [Tensor.From(1.0, 1)]));
        Assert.Throws<ShapeException>(() => Curvature.FisherVector(() => x, [x], [Tensor.Ones([2])]));
        Assert.Throws<ShapeException>(() => Curvature.FisherVector(() => x.Reshape(2, 1).Slice(0, 0, 0), [x], [Tensor.From(1.0, 1)]));
    }

    /// <summary>Row by row: the gradient of each element.</summary>
    private static double[][] Jacobian(Func<Variable> function, Parameter[] parameters)
    {
        int count = (int)function().Value.Length;
        return [.. Enumerable.Range(0, count).Select(i => Flat(Gradients.Of(function().Reshape(-1).Select(0, i), parameters).Select(static g => g.Value)))];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, static (x, y) => x * y).Sum();

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
