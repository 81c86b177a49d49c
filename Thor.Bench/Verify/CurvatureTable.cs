using System.Globalization;
using Spectre.Console;
using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;

namespace Thor.Bench.Verify;

/// <summary>What every combination of estimator, damping and tile size is off from the exact curvature of a small net.</summary>
internal static class CurvatureTable
{
    private const int Samples = 32;
    private const int Inputs = 10;
    private const int Hidden = 8;
    private const int Classes = 4;
    private const double Lambda = 0.01;

    private static readonly int[] s_tiles = [16, 4, 1];

    /// <summary>One entry for every combination that there is, on a device in Float32; with inputs only there is nothing to share damping with.</summary>
    public static IReadOnlyList<CurvatureError> Of(Device device)
    {
        List<CurvatureError> table = [];
        foreach (FisherEstimator estimator in Enum.GetValues<FisherEstimator>())
        {
            DampingSplit[] dampings = estimator == FisherEstimator.InputOnly ? [DampingSplit.Plain] : Enum.GetValues<DampingSplit>();
            foreach (DampingSplit damping in dampings)
            {
                foreach (int tile in s_tiles)
                {
                    using TensorScope scope = TensorScope.Begin();
                    using Subject subject = new(device, DType.Float32);
                    table.Add(Of(subject, estimator, damping, tile));
                }
            }
        }

        return table;
    }

    public static void Show(IReadOnlyList<CurvatureError> errors)
    {
        string[] dampings = [.. errors.Select(static e => e.Damping).Distinct()];
        Table table = new Table().Border(TableBorder.Simple).AddColumns("estimator", "tile", "blocks");
        foreach (string damping in dampings)
        {
            table.AddColumn(new TableColumn($"direction, {damping}").RightAligned());
        }

        foreach (IGrouping<(string Estimator, int Tile, double BlockError), CurvatureError> row in errors.GroupBy(static e => (e.Estimator, e.Tile, e.BlockError)))
        {
            table.AddRow([row.Key.Estimator, Text(row.Key.Tile, "F0"), Text(row.Key.BlockError, "F3"), .. dampings.Select(damping => row.FirstOrDefault(e => e.Damping == damping) is CurvatureError found ? Text(found.DirectionError, "F3") : "–")]);
        }

        AnsiConsole.WriteLine($"What approximations are off from the exact Gauss-Newton matrix of a net {Inputs}-{Hidden}-{Classes}, relative:");
        AnsiConsole.Write(table);
    }

    private static CurvatureError Of(Subject subject, FisherEstimator estimator, DampingSplit damping, int tile)
    {
        (Sequential own, Sequential reference) = subject.Twins(Net);
        KroneckerPreconditioner curvature = subject.Watch(own, Subject.Options(tile, Lambda) with { Fisher = estimator, DampingSplit = damping });
        Tensor inputs = Subject.Normal(2, Samples, Inputs);
        RandomStream random = new(3);
        Tensor labels = Tensor.From([.. Enumerable.Range(0, Samples).Select(_ => random.NextInt(Classes))]);
        Variable loss = Losses.CrossEntropy(own.Forward(subject.On(inputs)), subject.On(labels));
        curvature.ObserveLoss(loss);
        loss.Backward();
        curvature.Transform(1);
        double[] direction = [.. own.Parameters().SelectMany(p => subject.Read(curvature.Direction(p)!))]; // there are no biases, and weights have curvature

        Losses.CrossEntropy(reference.Forward(inputs), labels).Backward();
        ReferenceMatrix gradient = new(direction.Length, 1, [.. reference.Parameters().SelectMany(static p => p.Gradient!.ToArray<double>())]); // just computed
        ReferenceMatrix exact = Jacobian.WholeGaussNewton(reference, inputs, Jacobian.Softmax);
        ReferenceMatrix expected = exact.Damped(Lambda).Inverse() * gradient;

        ReferenceMatrix[] blocks = Jacobian.GaussNewton(reference, inputs, Jacobian.Softmax);
        double difference = 0;
        for (int i = 0; i < blocks.Length; i++)
        {
            LayerCurvature layer = curvature.Layers[i];
            ReferenceMatrix held = estimator == FisherEstimator.InputOnly
                ? ReferenceMatrix.Identity(own.Parameters()[i].Shape[0]).Kronecker(subject.Statistics(layer, 0))
                : subject.Block(layer);
            difference += Math.Pow((held + (-1 * blocks[i])).FrobeniusNorm(), 2);
        }

        return new CurvatureError(
            estimator.ToString(),
            damping.ToString(),
            tile,
            Math.Sqrt(difference / blocks.Sum(static block => Math.Pow(block.FrobeniusNorm(), 2))),
            (new ReferenceMatrix(direction.Length, 1, direction) + (-1 * expected)).FrobeniusNorm() / expected.FrobeniusNorm());
    }

    private static Sequential Net(DType type)
    {
        RandomStream random = new(5);
        return new Sequential(new Linear(Inputs, Hidden, false, random, type), new Tanh(), new Linear(Hidden, Classes, false, random, type));
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
