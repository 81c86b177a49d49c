using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;
using Loss = Thor.Autograd.Losses.Losses;

namespace Thor.Tests.Autograd.SecondOrder;

/// <summary>What G is made of: every estimator against its definition, in double.</summary>
public sealed class EstimatorTests
{
    private const double Tolerance = 1e-12;
    private const int Samples = 5;
    private const int Width = 3;

    private static readonly int[] s_labels = [0, 2, 1, 1, 0];

    /// <summary>Each loss that knows what it predicts, and the Hessian of one sample's loss in that sample's outputs.</summary>
    public static TheoryData<OutputDistribution, LossReduction> LossesOfSamples() => new()
    {
        { OutputDistribution.Categorical, LossReduction.Mean },
        { OutputDistribution.Categorical, LossReduction.Sum },
        { OutputDistribution.Bernoulli, LossReduction.Mean },
        { OutputDistribution.Bernoulli, LossReduction.SumPerSample },
        { OutputDistribution.Bernoulli, LossReduction.Sum },
        { OutputDistribution.Gaussian, LossReduction.Mean },
        { OutputDistribution.Gaussian, LossReduction.SumPerSample },
        { OutputDistribution.Gaussian, LossReduction.Sum },
    };

    [Theory]
    [MemberData(nameof(LossesOfSamples))]
    public void GaussNewton_TwoLayers_IsTheJacobianOnBothSidesOfTheHessian(OutputDistribution family, LossReduction reduction)
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, Linear first, Linear last) = TwoLayers();
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain(tileSize: 16) with { Fisher = FisherEstimator.GaussNewton });
        Tensor x = CurvatureBench.Normal(2, Samples, 4);
        Variable outputs = model.Forward(x);
        curvature.ObserveLoss(LossOf(family, reduction, outputs));
        curvature.Refresh();

        Matrix<double> hidden = CurvatureBench.Matrix((x.MatMul(first.Weight.Value.Transpose()) + first.Bias!.Value).Map(Thor.Kernels.UnaryOperation.Tanh));
        Matrix<double> weight = CurvatureBench.Matrix(last.Weight.Value);
        Matrix<double> expectedFirst = Matrix<double>.Build.Dense(first.Outputs, first.Outputs);
        Matrix<double> expectedLast = Matrix<double>.Build.Dense(Width, Width);
        for (int sample = 0; sample < Samples; sample++)
        {
            Matrix<double> hessian = Hessian(family, reduction, CurvatureBench.Matrix(outputs.Value).Row(sample));
            Matrix<double> jacobian = weight * Matrix<double>.Build.DenseOfDiagonalVector(1 - hidden.Row(sample).PointwisePower(2));
            expectedFirst += jacobian.TransposeThisAndMultiply(hessian) * jacobian / Samples;
            expectedLast += hessian / Samples;
        }

        AssertOutputFactor(expectedFirst, curvature[first], Tolerance);
        AssertOutputFactor(expectedLast, curvature[last], Tolerance);
    }

    [Theory]
    [InlineData(OutputDistribution.Categorical)]
    [InlineData(OutputDistribution.Bernoulli)]
    [InlineData(OutputDistribution.Gaussian)]
    public void MonteCarlo_MoreSamples_ConvergesAtTheRootOfTheirNumber(OutputDistribution family)
    {
        // The mean squared error over independent streams falls as 1 / M: from 4 to 64 samples by 16.
        double few = MeanSquaredError(family, samples: 4, streams: 48);
        double many = MeanSquaredError(family, samples: 64, streams: 48);
        Assert.InRange(few / many, 16 / 2.0, 16 * 2.0);
    }

    [Fact]
    public void MonteCarlo_SeveralSamples_AreTheMeanOfSingleOnes()
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, _, Linear last) = TwoLayers();
        Tensor x = CurvatureBench.Normal(2, Samples, 4);
        RandomStream labels = new(7);
        Matrix<double> expected = Matrix<double>.Build.Dense(Width, Width);
        for (int draw = 0; draw < 3; draw++)
        {
            Matrix<double> g = CurvatureBench.Matrix(PredictiveDistribution.Categorical(model.Forward(x)).Sample(labels));
            expected += g.TransposeThisAndMultiply(g) / Samples / 3;
        }

        using KroneckerPreconditioner curvature = new(
            model, CurvatureBench.Plain(tileSize: 16) with { Fisher = FisherEstimator.MonteCarlo, FisherSamples = 3, FisherSeed = 7 });
        curvature.ObserveLoss(LossOf(OutputDistribution.Categorical, LossReduction.Mean, model.Forward(x)));
        curvature.Refresh();
        AssertOutputFactor(expected, curvature[last], Tolerance);
    }

    [Fact]
    public void GaussNewton_RowsThatAreIgnored_CountForNothing()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(4, Width, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain(tileSize: 16) with { Fisher = FisherEstimator.GaussNewton });
        Variable outputs = layer.Forward(CurvatureBench.Normal(2, 2, 3, 4));
        curvature.ObserveLoss(Loss.CrossEntropy(outputs, Tensor.From([0, -100, 2, -100, 1, 1], [2, 3])));
        curvature.Refresh();

        // The mean is over 4 rows: in the loss of one of 2 samples each has the weight 2 / 4.
        Matrix<double> expected = Matrix<double>.Build.Dense(Width, Width);
        foreach (int row in (int[])[0, 2, 4, 5])
        {
            expected += Hessian(OutputDistribution.Categorical, LossReduction.Sum, CurvatureBench.Matrix(outputs.Value).Row(row)) * (2.0 / 4) / 6;
        }

        AssertOutputFactor(expected, curvature[layer], Tolerance);
    }

    [Fact]
    public void InputOnly_G_IsNotFormedAndTheDirectionIsTheGradientTimesTheInverseOfA()
    {
        using TensorScope scope = TensorScope.Begin();
        Linear layer = new(11, Width, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(layer, CurvatureBench.Plain() with { Fisher = FisherEstimator.InputOnly });
        Tensor x = CurvatureBench.Normal(2, Samples, 11);
        CurvatureBench.Pass(layer, x, CurvatureBench.Normal(3, Samples, Width));
        curvature.Transform(1);

        Matrix<double> rows = CurvatureBench.Matrix(x);
        Matrix<double> inverse = CurvatureBench.DampedInverse(CurvatureBench.Masked(rows.TransposeThisAndMultiply(rows) / Samples, 4), 0.1);
        KroneckerFactor a = Assert.Single(curvature[layer].Factors);
        Assert.Equal(FactorSide.Input, a.Side);
        Matrix<double> direction = CurvatureBench.Matrix(curvature.Direction(layer.Weight)!);
        Assert.True(CurvatureBench.Error(CurvatureBench.Matrix(layer.Weight.Gradient!) * inverse, direction) < Tolerance);
    }

    [Theory]
    [InlineData(FisherEstimator.MonteCarlo)]
    [InlineData(FisherEstimator.GaussNewton)]
    public void ModelFisher_GradientsOfParameters_AreThoseOfTheLossAlone(FisherEstimator estimator)
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, Linear first, _) = TwoLayers();
        Tensor x = CurvatureBench.Normal(2, Samples, 4);
        LossOf(OutputDistribution.Categorical, LossReduction.Mean, model.Forward(x)).Backward();
        double[] expected = first.Weight.Gradient!.ToArray<double>();
        first.Weight.ZeroGrad();

        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain() with { Fisher = estimator });
        Variable loss = LossOf(OutputDistribution.Categorical, LossReduction.Mean, model.Forward(x));
        curvature.ObserveLoss(loss);
        Assert.Null(first.Weight.Gradient);
        long observations = curvature.Observations;
        loss.Backward();
        Assert.Equal(observations, curvature.Observations);
        Assert.Equal(expected, first.Weight.Gradient!.ToArray<double>());
    }

    [Fact]
    public void ModelFisher_WithoutTheLoss_IsRefusedAtTheStep()
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, _, _) = TwoLayers();
        using ThorOptimizer optimizer = new(model, new ThorOptions { Fisher = FisherEstimator.MonteCarlo });
        Variable loss = LossOf(OutputDistribution.Categorical, LossReduction.Mean, model.Forward(CurvatureBench.Normal(2, Samples, 4)));
        loss.Backward();
        Assert.Contains("ObserveLoss", Assert.Throws<InvalidOperationException>(optimizer.Step).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelFisher_ALossOfUnknownOrigin_IsRefused()
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, _, _) = TwoLayers();
        using KroneckerPreconditioner curvature = new(model, CurvatureBench.Plain() with { Fisher = FisherEstimator.MonteCarlo });
        Variable outputs = model.Forward(CurvatureBench.Normal(2, Samples, 4));
        Assert.Throws<ArgumentException>(() => curvature.ObserveLoss(outputs.Sum()));
        Variable one = LossOf(OutputDistribution.Categorical, LossReduction.Mean, outputs);
        Assert.Throws<ArgumentException>(() => curvature.ObserveLoss(one + LossOf(OutputDistribution.Gaussian, LossReduction.Mean, outputs)));
        curvature.ObserveLoss((one * 0.5) + outputs.Square().Sum());
        Assert.True(curvature.Observations > 0);
    }

    [Fact]
    public void GaussNewton_AnAttention_HasCurvatureOfBothProjections()
    {
        using TensorScope scope = TensorScope.Begin();
        MultiHeadAttention attention = new(4, 2, random: new RandomStream(1), type: DType.Float64);
        using KroneckerPreconditioner curvature = new(attention, CurvatureBench.Plain(tileSize: 16) with { Fisher = FisherEstimator.GaussNewton });
        Assert.Equal(["in_proj_", "out_proj"], curvature.Layers.Select(static l => l.Name));
        Assert.Empty(curvature.FirstOrderLayers);
        Tensor x = CurvatureBench.Normal(2, 2, 3, 4);
        Variable outputs = attention.Forward(x);
        curvature.ObserveLoss(Loss.MeanSquaredError(outputs, Tensor.Zeros(outputs.Shape, DType.Float64), LossReduction.Sum));

        // Every output of the last projection has the Hessian 2; that of the first is taken apart by differentiating what follows it.
        AssertOutputFactor(2 * Matrix<double>.Build.DenseIdentity(4), curvature.Layers[1], Tolerance);
        Matrix<double> expected = Matrix<double>.Build.Dense(12, 12);
        Variable? projected = null;
        Linear input = (Linear)curvature.Layers[0].Layer;
        input.Observer = new Watcher(output => projected = output);
        PredictiveDistribution all = PredictiveDistribution.Gaussian(attention.Forward(x));
        input.Observer = curvature;
        for (int column = 0; column < all.Columns; column++)
        {
            Matrix<double> g = CurvatureBench.Matrix(Gradients.Of(all.Outputs, [projected!], all.RootColumn(column))[0].Value);
            expected += g.TransposeThisAndMultiply(g) / 6;
        }

        AssertOutputFactor(expected, curvature.Layers[0], Tolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Options_OutOfRange_AreRefused(int value)
    {
        Linear layer = new(3, 2, random: new RandomStream(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { StatisticsShare = value }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KroneckerPreconditioner(layer, new KroneckerOptions { FisherSamples = value }));
    }

    /// <summary>The scalar of a batch of five samples with three outputs each.</summary>
    private static Variable LossOf(OutputDistribution family, LossReduction reduction, Variable outputs) => family switch
    {
        OutputDistribution.Categorical => Loss.CrossEntropy(outputs, Tensor.From(s_labels), reduction: reduction),
        OutputDistribution.Bernoulli => Loss.BinaryCrossEntropyWithLogits(outputs, Tensor.Full(outputs.Shape, 0.3, DType.Float64), reduction),
        _ => Loss.MeanSquaredError(outputs, Tensor.Full(outputs.Shape, 0.3, DType.Float64), reduction),
    };

    /// <summary>d^2 loss / d outputs^2 of one sample.</summary>
    private static Matrix<double> Hessian(OutputDistribution family, LossReduction reduction, Vector<double> outputs)
    {
        double weight = reduction == LossReduction.Mean && family != OutputDistribution.Categorical ? 1.0 / outputs.Count : 1;
        Vector<double> p;
        switch (family)
        {
            case OutputDistribution.Categorical:
                p = outputs.PointwiseExp() / outputs.PointwiseExp().Sum();
                return weight * (Matrix<double>.Build.DenseOfDiagonalVector(p) - p.OuterProduct(p));
            case OutputDistribution.Bernoulli:
                p = 1 / (1 + (-outputs).PointwiseExp());
                return weight * Matrix<double>.Build.DenseOfDiagonalVector(p - p.PointwisePower(2));
            default:
                return weight * 2 * Matrix<double>.Build.DenseIdentity(outputs.Count);
        }
    }

    private static double MeanSquaredError(OutputDistribution family, int samples, int streams)
    {
        using TensorScope scope = TensorScope.Begin();
        (Sequential model, Linear first, Linear last) = TwoLayers();
        Tensor x = CurvatureBench.Normal(2, Samples, 4);
        double[][] exact = OutputFactors(FisherEstimator.GaussNewton, 0);
        double sum = 0;
        for (int stream = 0; stream < streams; stream++)
        {
            double[][] drawn = OutputFactors(FisherEstimator.MonteCarlo, (ulong)stream);
            sum += exact.Zip(drawn).Sum(static pair => pair.First.Zip(pair.Second).Sum(static e => Math.Pow(e.First - e.Second, 2)));
        }

        return sum / streams;

        double[][] OutputFactors(FisherEstimator estimator, ulong seed)
        {
            using KroneckerPreconditioner curvature = new(
                model, CurvatureBench.Plain(tileSize: 16) with { Fisher = estimator, FisherSamples = samples, FisherSeed = seed });
            curvature.ObserveLoss(LossOf(family, LossReduction.SumPerSample, model.Forward(x)));
            return [curvature[first].Factors[1].Tiles.ToArray<double>(), curvature[last].Factors[1].Tiles.ToArray<double>()];
        }
    }

    private static (Sequential Model, Linear First, Linear Last) TwoLayers()
    {
        Linear first = new(4, 6, random: new RandomStream(1), type: DType.Float64);
        Linear last = new(6, Width, random: new RandomStream(2), type: DType.Float64);
        return (new Sequential(first, new Thor.Autograd.Layers.Tanh(), last), first, last);
    }

    private static void AssertOutputFactor(Matrix<double> expected, LayerCurvature curvature, double tolerance)
    {
        double error = CurvatureBench.Error(expected, CurvatureBench.Whole(curvature.Factors[1], curvature.Factors[1].Tiles));
        Assert.True(error < tolerance, $"{curvature.Factors[1].Name}: error {error}");
    }

    /// <summary>Keeps what a layer gave.</summary>
    private sealed class Watcher(Action<Variable> seen) : ICurvatureObserver
    {
        public bool IsCapturing => true;

        public void Observe(ICurvatureLayer layer, Variable input, Variable output) => seen(output);
    }
}
