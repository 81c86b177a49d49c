using Thor.Autograd;
using Thor.Autograd.Optimizers;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Optimizers;

/// <summary>Every rule against its published formula, written out in double.</summary>
public sealed class RuleTests
{
    private const int Steps = 25;

    /// <summary>One update of one parameter: weights, gradient, state, number of the update from 1, learning rate, weight decay.</summary>
    private delegate void Formula(double[] w, double[] g, double[][] state, int t, double rate, double decay);

    public static TheoryData<string, double, bool, DType> Cases()
    {
        TheoryData<string, double, bool, DType> cases = [];
        foreach (string rule in new[] { "sgd", "momentum", "momentum-schedule", "dampened", "nesterov", "adagrad", "rmsprop", "rmsprop-momentum", "adadelta", "adam", "adamw", "lars", "lamb" })
        {
            bool hasCoupled = rule != "adamw";
            bool hasDecoupled = rule is not ("sgd" or "lars" or "lamb");
            foreach (DType type in new[] { DType.Float32, DType.Float64 })
            {
                cases.Add(rule, 0, !hasCoupled, type);
                if (hasCoupled)
                {
                    cases.Add(rule, 0.07, false, type);
                }

                if (hasDecoupled)
                {
                    cases.Add(rule, 0.07, true, type);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rule_TwentyFiveStepsOfGroupsOnASchedule_EqualsTheFormula(string rule, double decay, bool decoupled, DType type)
    {
        double[][] expected = [Start(0, 12), Start(1, 5), Start(2, 6)];
        using Probe probe = new(expected, [[3, 4], [5], [2, 3]], type);
        ParameterGroup[] groups = probe.Groups();
        Schedule rate = Schedule.Linear(0.1, 0.02, 20);
        using FirstOrderOptimizer optimizer = Create(rule, groups, rate, new WeightDecay(decay, decoupled));
        double[][][] state = [.. expected.Select(static w => new[] { new double[w.Length], new double[w.Length] })];

        for (int step = 0; step < Steps; step++)
        {
            double[][] gradients = probe.SetGradients(step);
            for (int i = 0; i < expected.Length; i++)
            {
                double lr = (step < 20 ? 0.1 + ((0.02 - 0.1) * step / 20) : 0.02) * (i == 2 ? 0.5 : 1);
                double coefficient = i == 2 ? 0.2 : decay;
                double[] g = gradients[i];
                if (decoupled)
                {
                    expected[i] = [.. expected[i].Select(w => w - (lr * coefficient * w))];
                    coefficient = 0;
                }
                else if (rule is not ("lars" or "lamb"))
                {
                    g = [.. g.Zip(expected[i], (x, w) => x + (coefficient * w))];
                }

                FormulaOf(rule)(expected[i], g, state[i], step + 1, lr, coefficient);
            }

            optimizer.Step();
        }

        Assert.Equal(Steps, optimizer.StepCount);
        double tolerance = type == DType.Float64 ? 1e-12 : 2e-5;
        for (int i = 0; i < expected.Length; i++)
        {
            double[] actual = probe.Values(i);
            for (int j = 0; j < actual.Length; j++)
            {
                Assert.Equal(expected[i][j], actual[j], tolerance * Math.Max(1, Math.Abs(expected[i][j])));
            }
        }
    }

    [Theory]
    [InlineData("momentum")]
    [InlineData("rmsprop-momentum")]
    [InlineData("adadelta")]
    [InlineData("adagrad")]
    [InlineData("adam")]
    [InlineData("lars")]
    [InlineData("lamb")]
    public void State_LoadedMidway_ContinuesBitForBit(string rule)
    {
        double[][] start = [Start(0, 12), Start(1, 5), Start(2, 6)];
        int[][] shapes = [[3, 4], [5], [2, 3]];
        Schedule rate = Schedule.Cosine(0.1, 0, 20);
        using Probe straight = new(start, shapes, DType.Float32);
        using FirstOrderOptimizer first = Create(rule, straight.Groups(), rate, 0.01);
        Run(straight, first, 0, 9);
        double[][] middle = [straight.Values(0), straight.Values(1), straight.Values(2)];
        StateDict saved = first.StateDict().Clone();
        Run(straight, first, 9, 20);

        using Probe resumed = new(middle, shapes, DType.Float32);
        using FirstOrderOptimizer second = Create(rule, resumed.Groups(), rate, 0.01);
        second.Load(saved);
        Run(resumed, second, 9, 20);

        Assert.Equal(20, second.StepCount);
        for (int i = 0; i < start.Length; i++)
        {
            Assert.Equal(straight.Values(i), resumed.Values(i));
        }
    }

    [Fact]
    public void Load_StateOfAnotherRule_IsRefusedAndChangesNothing()
    {
        using Probe probe = new([Start(0, 4)], [[4]], DType.Float32);
        using Adam adam = new(probe.Parameters, 0.1);
        using Momentum momentum = new(probe.Parameters, 0.1);
        probe.SetGradients(0);
        adam.Step();
        ArgumentException problem = Assert.Throws<ArgumentException>(() => adam.Load(momentum.StateDict()));
        Assert.Contains("0.velocity", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, adam.StepCount);
    }

    [Fact]
    public void Step_ParameterWithoutGradient_IsLeftAloneAndKeepsItsOwnCount()
    {
        using Probe late = new([Start(0, 4), Start(1, 3)], [[4], [3]], DType.Float64);
        using Probe prompt = new([Start(0, 4), Start(1, 3)], [[4], [3]], DType.Float64);
        using Adam a = new(late.Parameters, 0.1);
        using Adam b = new(prompt.Parameters, 0.1);
        late.SetGradients(0);
        late.Parameters[1].ZeroGrad();
        a.Step();
        Assert.Equal(Start(1, 3), late.Values(1));

        late.SetGradients(5);
        prompt.SetGradients(5);
        a.Step();
        b.Step();
        Assert.Equal(prompt.Values(1), late.Values(1));
    }

    [Fact]
    public void Optimizer_ParameterTwice_IsRefused()
    {
        using Probe probe = new([Start(0, 4)], [[4]], DType.Float32);
        Assert.Throws<ArgumentException>(() => new Sgd([probe.Parameters[0], probe.Parameters[0]], 0.1));
        Assert.Throws<ArgumentException>(() => new Sgd(Array.Empty<Parameter>(), 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Momentum(probe.Parameters, 0.1, momentum: 1));
        Assert.Throws<ArgumentException>(() => new Momentum(probe.Parameters, 0.1, momentum: 0, nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(probe.Parameters, 0.1, beta2: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(probe.Parameters, 0.1, weightDecay: -1));
    }

    [Fact]
    public void LearningRate_Set_ReplacesTheSchedule()
    {
        using Probe probe = new([Start(0, 4)], [[4]], DType.Float64);
        using Sgd optimizer = new(probe.Parameters, Schedule.Linear(1, 0, 10));
        probe.SetGradients(0);
        optimizer.Step();
        Assert.Equal(0.9, optimizer.LearningRate, 1e-15);
        optimizer.LearningRate = 0.25;
        optimizer.Step();
        Assert.Equal(0.25, optimizer.LearningRate);
    }

    private static void Run(Probe probe, FirstOrderOptimizer optimizer, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            probe.SetGradients(step);
            optimizer.Step();
        }
    }

    private static FirstOrderOptimizer Create(string rule, ParameterGroup[] groups, Schedule rate, WeightDecay decay) => rule switch
    {
        "sgd" => new Sgd(groups, rate, decay),
        "momentum" => new Momentum(groups, rate, 0.8, weightDecay: decay),
        "momentum-schedule" => new Momentum(groups, rate, Schedule.Linear(0.5, 0.9, 10), weightDecay: decay),
        "dampened" => new Momentum(groups, rate, 0.8, weightDecay: decay, dampening: 0.3),
        "nesterov" => new Momentum(groups, rate, 0.8, nesterov: true, decay),
        "adagrad" => new AdaGrad(groups, rate, 1e-4, decay, initialSum: 0.5),
        "rmsprop" => new RmsProp(groups, rate, 0.9, 1e-3, weightDecay: decay),
        "rmsprop-momentum" => new RmsProp(groups, rate, 0.9, 1e-3, 0.7, decay),
        "adadelta" => new Adadelta(groups, rate, 0.85, 1e-4, decay),
        "adam" => new Adam(groups, rate, 0.85, 0.95, 1e-4, decay),
        "adamw" => new AdamW(groups, rate, 0.85, 0.95, 1e-4, decay.Coefficient),
        "lars" => new Lars(groups, rate, 0.8, 0.02, decay.Coefficient),
        "lamb" => new Lamb(groups, rate, 0.85, 0.95, 1e-4, decay.Coefficient),
        _ => throw new ArgumentException(rule),
    };

    private static Formula FormulaOf(string rule) => rule switch
    {
        "sgd" => static (w, g, _, _, lr, _) => Each(w, i => w[i] -= lr * g[i]),
        "momentum" => static (w, g, s, _, lr, _) => Each(w, i => w[i] -= lr * (s[0][i] = (0.8 * s[0][i]) + g[i])),
        "momentum-schedule" => static (w, g, s, t, lr, _) => Each(w, i => w[i] -= lr * (s[0][i] = ((t <= 11 ? 0.5 + (0.04 * (t - 1)) : 0.9) * s[0][i]) + g[i])),
        "dampened" => static (w, g, s, t, lr, _) => Each(w, i => w[i] -= lr * (s[0][i] = t == 1 ? g[i] : (0.8 * s[0][i]) + (0.7 * g[i]))),
        "nesterov" => static (w, g, s, _, lr, _) => Each(w, i =>
        {
            s[0][i] = (0.8 * s[0][i]) + g[i];
            w[i] -= lr * (g[i] + (0.8 * s[0][i]));
        }),
        "adagrad" => static (w, g, s, t, lr, _) => Each(w, i =>
        {
            s[0][i] = (t == 1 ? 0.5 : s[0][i]) + (g[i] * g[i]);
            w[i] -= lr * g[i] / (Math.Sqrt(s[0][i]) + 1e-4);
        }),
        "rmsprop" => static (w, g, s, _, lr, _) => Each(w, i => w[i] -= lr * Scaled(g, s, i)),
        "rmsprop-momentum" => static (w, g, s, _, lr, _) => Each(w, i => w[i] -= lr * (s[1][i] = (0.7 * s[1][i]) + Scaled(g, s, i))),
        "adadelta" => static (w, g, s, _, lr, _) => Each(w, i =>
        {
            s[0][i] = (0.85 * s[0][i]) + (0.15 * g[i] * g[i]);
            double u = Math.Sqrt(s[1][i] + 1e-4) / Math.Sqrt(s[0][i] + 1e-4) * g[i];
            s[1][i] = (0.85 * s[1][i]) + (0.15 * u * u);
            w[i] -= lr * u;
        }),
        "adam" or "adamw" => static (w, g, s, t, lr, _) => Each(w, i => w[i] -= lr * AdamDirection(g, s, t, i)),
        "lars" => static (w, g, s, _, lr, decay) =>
        {
            double ratio = 0.02 * Norm(w) / (Norm(g) + (decay * Norm(w)));
            Each(w, i => w[i] -= s[0][i] = (0.8 * s[0][i]) + (lr * ratio * (g[i] + (decay * w[i]))));
        }
        ,
        "lamb" => static (w, g, s, t, lr, decay) =>
        {
            double[] u = new double[w.Length];
            Each(w, i => u[i] = AdamDirection(g, s, t, i) + (decay * w[i]));
            double ratio = Norm(w) / Norm(u);
            Each(w, i => w[i] -= lr * ratio * u[i]);
        }
        ,
        _ => throw new ArgumentException(rule),
    };

    private static double Scaled(double[] g, double[][] s, int i)
    {
        s[0][i] = (0.9 * s[0][i]) + (0.1 * g[i] * g[i]);
        return g[i] / (Math.Sqrt(s[0][i]) + 1e-3);
    }

    private static double AdamDirection(double[] g, double[][] s, int t, int i)
    {
        s[0][i] = (0.85 * s[0][i]) + (0.15 * g[i]);
        s[1][i] = (0.95 * s[1][i]) + (0.05 * g[i] * g[i]);
        return s[0][i] / (1 - Math.Pow(0.85, t)) / (Math.Sqrt(s[1][i] / (1 - Math.Pow(0.95, t))) + 1e-4);
    }

    private static void Each(double[] w, Action<int> action)
    {
        for (int i = 0; i < w.Length; i++)
        {
            action(i);
        }
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(static v => v * v));

    private static double[] Start(int parameter, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (double)(float)Math.Cos(1 + (2.1 * i) + parameter))];

    /// <summary>Parameters whose gradients are a fixed function of the step.</summary>
    private sealed class Probe : IDisposable
    {
        private readonly DType _type;

        public Probe(double[][] start, int[][] shapes, DType type)
        {
            _type = type;
            Parameters = [.. start.Select((w, i) => new Parameter(Of(w, new Shape(shapes[i]))))];
        }

        public Parameter[] Parameters { get; }

        /// <summary>The third parameter, if there is one, has a group with half the learning rate and its own decay.</summary>
        public ParameterGroup[] Groups() =>
        [
            new ParameterGroup(Parameters.Take(2).Select((p, i) => KeyValuePair.Create($"p{i}", p))),
            new ParameterGroup([KeyValuePair.Create("p2", Parameters[2])]) { LearningRateFactor = 0.5, WeightDecay = 0.2 },
        ];

        public double[][] SetGradients(int step)
        {
            double[][] gradients = new double[Parameters.Length][];
            for (int p = 0; p < Parameters.Length; p++)
            {
                int index = p;
                gradients[p] = [.. Enumerable.Range(0, (int)Parameters[p].Value.Length).Select(i => (double)(float)Math.Sin((0.7 * i) + (1.3 * step) + index))];
                Parameters[p].ZeroGrad();
                Parameters[p].Gradient = Of(gradients[p], Parameters[p].Shape);
            }

            return gradients;
        }

        public double[] Values(int parameter)
        {
            using Tensor copy = Parameters[parameter].Value.Clone();
            return copy.Cast(DType.Float64).ToArray<double>();
        }

        public void Dispose()
        {
            foreach (Parameter parameter in Parameters)
            {
                parameter.ZeroGrad();
                parameter.Value.Dispose();
            }
        }

        private Tensor Of(double[] values, Shape shape) =>
            _type == DType.Float64 ? Tensor.From(values, shape) : Tensor.From(Array.ConvertAll(values, static v => (float)v), shape);
    }
}
