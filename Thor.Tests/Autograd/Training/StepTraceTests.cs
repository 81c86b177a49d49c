using MathNet.Numerics.LinearAlgebra;
using Thor.Autograd.SecondOrder;
using Thor.Autograd.Training;
using Thor.Engine.Formats;
using Thor.Tests.Autograd.SecondOrder;
using Xunit;

namespace Thor.Tests.Autograd.Training;

/// <summary>What a traced step writes is what the step did, number by number.</summary>
public sealed class StepTraceTests
{
    // Sums of at most 48 products in single precision.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    public void Trace_OfAThorStep_FitsTogether(string kind)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("step.safetensors");
        using WatchedRun run = new(kind, new TrainerOptions { Steps = WatchedRun.Steps, TraceStep = WatchedRun.Steps - 3, TraceFile = file }, WatchedRun.Thor);
        run.Trainer.Advance(WatchedRun.Steps - 2, TestContext.Current.CancellationToken);
        using TensorArchive trace = Safetensors.Load(file);

        // The step was the last one taken, and refreshed: what it left behind is what is there now.
        Assert.Equal("9", trace.Metadata["step"]);
        Assert.Equal("ThorOptimizer", trace.Metadata["optimizer"]);
        Assert.Equal(run.Weights(), run.Model.NamedParameters().SelectMany(p => trace[$"after.{p.Key}"].ToArray<float>()));
        foreach (string name in run.Model.NamedParameters().Select(static p => p.Key))
        {
            Assert.Equal(trace[$"update.{name}"].ToArray<float>(), trace[$"after.{name}"].ToArray<float>().Zip(trace[$"before.{name}"].ToArray<float>(), static (after, before) => after - before));
        }

        Matrix<double> x = CurvatureBench.Matrix(trace["layer.3.input"]);
        Matrix<double> d = CurvatureBench.Matrix(trace["layer.3.outputGradient"]);
        Matrix<double> gradient = CurvatureBench.Matrix(trace["gradient.3.weight"]);
        Assert.Equal([WatchedRun.BatchSize, 48], [x.RowCount, x.ColumnCount]);
        Assert.InRange(CurvatureBench.Error(d.TransposeThisAndMultiply(x), gradient), 0, Tolerance);

        LayerCurvature curvature = ((ThorOptimizer)run.Optimizer).Curvature[(ICurvatureLayer)run.Model[3]];
        Matrix<double> a = CurvatureBench.Whole(curvature.Factors[0], trace["curvature.3.A"]);
        Matrix<double> g = CurvatureBench.Whole(curvature.Factors[1], trace["curvature.3.G"]);
        Matrix<double> perSample = d * WatchedRun.BatchSize;
        Assert.InRange(CurvatureBench.Error(CurvatureBench.Masked(x.TransposeThisAndMultiply(x) / x.RowCount, 32), a), 0, Tolerance);
        Assert.InRange(CurvatureBench.Error(CurvatureBench.Masked(perSample.TransposeThisAndMultiply(perSample) / x.RowCount, 32), g), 0, Tolerance);

        Matrix<double> inverseA = CurvatureBench.Whole(curvature.Factors[0], trace["curvature.3.A.inverse"]);
        Matrix<double> inverseG = CurvatureBench.Whole(curvature.Factors[1], trace["curvature.3.G.inverse"]);
        Assert.InRange(CurvatureBench.Error(CurvatureBench.DampedInverse(a, curvature.Factors[0].Damping), inverseA), 0, Tolerance);
        Assert.InRange(CurvatureBench.Error(inverseG * gradient * inverseA, CurvatureBench.Matrix(trace["direction.3.weight"])), 0, Tolerance);
        Assert.StartsWith("dimension=48,tile=32,damping=0.17", trace.Metadata["factor.3.A"], StringComparison.Ordinal);
        Assert.Equal(new([WatchedRun.BatchSize, 3, 4, 4]), trace["layer.0.outputGradient"].Shape);
        Assert.Equal(new([WatchedRun.BatchSize, 1, 28, 28]), trace["batch.inputs"].Shape);
        Assert.Equal(new([WatchedRun.BatchSize]), trace["batch.labels"].Shape);
        Assert.True(trace["loss"].Item() > 0);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    public void Trace_OfAFirstOrderStep_HasNoCurvatureAndChangesNoBit(string kind)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("step.safetensors");
        using WatchedRun traced = new(kind, new TrainerOptions { Steps = 4, TraceStep = 1, TraceFile = file });
        using WatchedRun plain = new(kind, new TrainerOptions { Steps = 4 });
        traced.Trainer.Run(TestContext.Current.CancellationToken);
        plain.Trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(plain.Weights(), traced.Weights());
        using TensorArchive trace = Safetensors.Load(file);
        Assert.DoesNotContain(trace.Tensors.Keys, static name => name.StartsWith("curvature.", StringComparison.Ordinal) || name.StartsWith("direction.", StringComparison.Ordinal));
        Assert.Equal(
            trace["gradient.3.bias"].ToArray<float>().Select(static g => -0.05 * g),
            trace["update.3.bias"].ToArray<float>().Select(static u => (double)u),
            static (expected, actual) => Math.Abs(expected - actual) < 1e-7);
    }

    [Fact]
    public void Trace_WithoutAFileOrBeyondTheRun_IsRefused()
    {
        Assert.Contains("file none", Assert.Throws<ArgumentException>(static () => new WatchedRun("host", new TrainerOptions { Steps = 4, TraceStep = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("[0, 4)", Assert.Throws<ArgumentException>(static () => new WatchedRun("host", new TrainerOptions { Steps = 4, TraceStep = 4, TraceFile = "f" })).Message, StringComparison.Ordinal);
    }
}
