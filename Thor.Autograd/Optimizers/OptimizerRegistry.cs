using System.Globalization;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;

namespace Thor.Autograd.Optimizers;

/// <summary>All optimizers by name, with the options that each takes.</summary>
public static class OptimizerRegistry
{
    private static readonly OptimizerOption s_weightDecay = new("weight-decay", "0", "pull toward zero");
    private static readonly OptimizerOption s_decoupled = new("decoupled-decay", "false", "weight decay apart from the gradient");
    private static readonly OptimizerOption s_momentum = new("momentum", "0.9", "share of the velocity that stays");
    private static readonly OptimizerOption s_beta1 = new("beta1", "0.9", "decay of the mean gradient");
    private static readonly OptimizerOption s_beta2 = new("beta2", "0.999", "decay of the mean square");

    /// <summary>All optimizers, plainest first.</summary>
    public static IReadOnlyList<OptimizerDefinition> All { get; } =
    [
        new("sgd", "gradient descent", [Rate("0.1"), s_weightDecay], static (model, s) =>
            new Sgd(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("weight-decay"))),
        new("momentum", "heavy ball", [Rate("0.03"), s_momentum, Nesterov("false"), s_weightDecay, s_decoupled], CreateMomentum),
        new("nesterov", "Nesterov momentum", [Rate("0.03"), s_momentum, Nesterov("true"), s_weightDecay, s_decoupled], CreateMomentum),
        new("adagrad", "AdaGrad", [Rate("0.01"), Epsilon("1e-10"), s_weightDecay, s_decoupled], static (model, s) =>
            new AdaGrad(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("epsilon"), Decay(s))),
        new("rmsprop", "RMSprop", [Rate("0.001"), new("alpha", "0.99", "decay of the mean square"), Epsilon("1e-8"), s_momentum with { Default = "0" }, s_weightDecay, s_decoupled], static (model, s) =>
            new RmsProp(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("alpha"), s.Number("epsilon"), s.Number("momentum"), Decay(s))),
        new("adadelta", "Adadelta", [Rate("1"), new("rho", "0.9", "decay of the mean squares"), Epsilon("1e-6"), s_weightDecay, s_decoupled], static (model, s) =>
            new Adadelta(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("rho"), s.Number("epsilon"), Decay(s))),
        new("adam", "Adam", [Rate("0.001"), s_beta1, s_beta2, Epsilon("1e-8"), s_weightDecay, s_decoupled], static (model, s) =>
            new Adam(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("beta1"), s.Number("beta2"), s.Number("epsilon"), Decay(s))),
        new("adamw", "Adam with decoupled weight decay", [Rate("0.001"), s_beta1, s_beta2, Epsilon("1e-8"), s_weightDecay with { Default = "0.01" }], static (model, s) =>
            new AdamW(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("beta1"), s.Number("beta2"), s.Number("epsilon"), s.Number("weight-decay"))),
        new("lars", "layer-wise adaptive rates", [Rate("1"), s_momentum, new("trust", "0.01", "how far a layer may move, as a share of its norm"), s_weightDecay], static (model, s) =>
            new Lars(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("momentum"), s.Number("trust"), s.Number("weight-decay"))),
        new("lamb", "layer-wise adaptive moments", [Rate("0.01"), s_beta1, s_beta2, Epsilon("1e-6"), s_weightDecay], static (model, s) =>
            new Lamb(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("beta1"), s.Number("beta2"), s.Number("epsilon"), s.Number("weight-decay"))),
        new("thor", "tiled natural gradient with momentum", ThorOptionList(), static (model, s) => new ThorOptimizer(model, ThorOf(s))),
        new("ekfac", "second moments in the eigenvectors of tiled Kronecker factors, with momentum", EkfacOptionList(), static (model, s) => new ThorOptimizer(model, ThorOf(s))),
        new("kfac", "natural gradient with whole Kronecker factors", KFacOptionList(), static (model, s) => new KFacOptimizer(model, ThorOf(s))),
        new("shampoo", "momentum behind inverse fourth roots of the gradients' Gram matrices", ShampooOptionList(), CreateShampoo),
        new("soap", "Adam in the eigenbasis of the gradients' Gram matrices", SoapOptionList(), CreateSoap),
        new("muon", "momentum made orthogonal, and Adam for vectors", MuonOptionList(), static (model, s) => new Muon(
            ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Number("momentum"), s.Flag("nesterov"), s.Number("weight-decay"),
            s.Whole("iterations"), s.Number("other-rate"), s.Number("beta1"), s.Number("beta2"), s.Number("epsilon"), Patterns(s))),
        new("newton", "Newton's method with the exact Hessian of each batch", ExactOptionList(), static (model, s) =>
            new Preconditioned(new NewtonPreconditioner(model, Exact(s)), CreateMomentum(model, s))),
        new("natural-gradient", "natural gradient with the exact Fisher information of each batch", ExactOptionList(), static (model, s) =>
            new Preconditioned(new NaturalGradientPreconditioner(AsLayer(model), Exact(s)), CreateMomentum(model, s))),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static definition => definition.Name)];

    /// <summary>An optimizer by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists all names.</exception>
    public static OptimizerDefinition Get(string name) =>
        All.FirstOrDefault(definition => definition.Name == name)
        ?? throw new ArgumentException($"There is no optimizer '{name}'; there are: {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Makes an optimizer of all parameters of a model.</summary>
    /// <exception cref="ArgumentException">The name, an option or a value is unknown; the message lists what is known.</exception>
    public static Optimizer Create(string name, Module model, IReadOnlyDictionary<string, string> settings)
    {
        OptimizerDefinition definition = Get(name);
        return definition.Create(model, definition.Resolve(settings));
    }

    private static OptimizerOption Rate(string value) => new("learning-rate", value, "a number or a schedule, such as linear:0.03:0:3000");

    private static OptimizerOption Epsilon(string value) => new("epsilon", value, "keeps the denominator from zero");

    private static OptimizerOption Nesterov(string value) => new("nesterov", value, "look ahead along the velocity");

    private static WeightDecay Decay(OptimizerSettings s) => new(s.Number("weight-decay"), s.Flag("decoupled-decay"));

    private static Momentum CreateMomentum(Module model, OptimizerSettings s) =>
        new(ParameterGroup.Of(model), s.Schedule("learning-rate"), s.Schedule("momentum"), s.Flag("nesterov"), Decay(s));

    private static OptimizerOption[] GramOptionList(GramOptions defaults) =>
    [
        new("tile", Text(defaults.TileSize), "rows of the diagonal tiles that Gram matrices are cut into, or whole"),
        new("refresh-interval", $"{defaults.Refresh}", "steps between refreshes, a growing list such as 5,50:20,200:50, or another refresh schedule"),
        new("statistics-decay", Text(defaults.StatisticsDecay), "moving average of the Gram matrices; 1 for their sum"),
        new("exclude", string.Empty, "matrices treated as vectors are: parameters' names with * and ?, separated by commas"),
    ];

    private static OptimizerOption[] ShampooOptionList()
    {
        ShampooOptions defaults = new();
        return
        [
            Rate("0.03"),
            s_momentum,
            Nesterov("false"),
            s_weightDecay,
            s_decoupled,
            .. GramOptionList(defaults),
            new("epsilon", Text(defaults.Epsilon), "ridge of a Gram matrix, as a share of its norm"),
            new("grafting", "true", "steps as long as gradient descent's"),
        ];
    }

    private static Preconditioned CreateShampoo(Module model, OptimizerSettings s) => new(
        new ShampooPreconditioner(model, new ShampooOptions
        {
            TileSize = s.TileSize("tile"),
            Refresh = Refresh(s),
            StatisticsDecay = s.Number("statistics-decay"),
            Excluded = Patterns(s),
            Epsilon = s.Number("epsilon"),
            Grafting = s.Flag("grafting"),
        }),
        CreateMomentum(model, s));

    private static OptimizerOption[] SoapOptionList()
    {
        SoapOptions defaults = new();
        return
        [
            Rate("0.003"),
            s_weightDecay,
            .. GramOptionList(defaults),
            s_beta1 with { Default = Text(defaults.Beta1) },
            s_beta2 with { Default = Text(defaults.Beta2) },
            Epsilon(Text(defaults.Epsilon)),
        ];
    }

    private static Preconditioned CreateSoap(Module model, OptimizerSettings s) => new(
        new SoapPreconditioner(model, new SoapOptions
        {
            TileSize = s.TileSize("tile"),
            Refresh = Refresh(s),
            StatisticsDecay = s.Number("statistics-decay"),
            Excluded = Patterns(s),
            Beta1 = s.Number("beta1"),
            Beta2 = s.Number("beta2"),
            Epsilon = s.Number("epsilon"),
        }),
        new Sgd(ParameterGroup.Of(model), s.Schedule("learning-rate"), WeightDecay.Decoupled(s.Number("weight-decay"))));

    private static OptimizerOption[] MuonOptionList() =>
    [
        Rate("0.02"),
        s_momentum with { Default = "0.95" },
        Nesterov("true"),
        s_weightDecay,
        new("iterations", "5", "Newton-Schulz iterations"),
        new("other-rate", "0.05", "Adam's learning rate for all but matrices, as a share of that of matrices"),
        s_beta1,
        s_beta2,
        Epsilon("1e-8"),
        new("exclude", string.Empty, "matrices that follow Adam: parameters' names with * and ?, separated by commas"),
    ];

    private static OptimizerOption[] ExactOptionList()
    {
        ExactOptions defaults = new();
        return
        [
            Rate("1"),
            s_momentum with { Default = "0" },
            Nesterov("false"),
            s_weightDecay,
            s_decoupled,
            new("damping", $"{defaults.Damping}", "lambda, added to the diagonal of the curvature: a number or a schedule"),
            new("matrix-limit", Text(defaults.MatrixLimit), "most parameters whose matrix is formed and inverted; beyond it conjugate gradients"),
            new("iterations", Text(defaults.Iterations), "most conjugate gradient iterations of a step"),
            new("tolerance", Text(defaults.Tolerance), "residual at which they end, as a share of the gradient"),
            new("kl-clip", Text(defaults.KlClip ?? 0), "bound on the step in the curvature's own measure, or off"),
        ];
    }

    private static ExactOptions Exact(OptimizerSettings s) => new()
    {
        Damping = s.Schedule("damping"),
        MatrixLimit = s.Whole("matrix-limit"),
        Iterations = s.Whole("iterations"),
        Tolerance = s.Number("tolerance"),
        KlClip = s.NumberOrOff("kl-clip"),
    };

    private static Layer AsLayer(Module model) => model as Layer
        ?? throw new ArgumentException($"The optimizer needs a model with one input and one output, which {model.GetType().Name} is not.", nameof(model));

    private static RefreshSchedule Refresh(OptimizerSettings s) => s.Read("refresh-interval", "an interval or a list of intervals", RefreshSchedule.Parse);

    private static string[] Patterns(OptimizerSettings s) =>
        s.Read("exclude", "a list of names", static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static OptimizerOption[] ThorOptionList()
    {
        ThorOptions defaults = new();
        return
        [
            Rate($"{defaults.LearningRate}"),
            s_momentum with { Default = $"{defaults.Momentum}" },
            Nesterov("false"),
            s_weightDecay,
            s_decoupled,
            new("damping", $"{defaults.Damping}", "lambda, a number or a schedule"),
            new("damping-split", "plain", "plain, pi or exact"),
            new("tile", $"{defaults.TileSize}", "rows of the diagonal tiles that factors are cut into, or whole"),
            new("refresh-interval", $"{defaults.Refresh}", "steps between refreshes, a growing list such as 5,50:20,200:50, or another refresh schedule"),
            new("kl-clip", $"{defaults.KlClip}", "bound on the step in the curvature's own measure, or off"),
            new("statistics-decay", $"{defaults.StatisticsDecay}", "moving average of the factors; 0 for fresh ones"),
            new("bias", "first-order", "first-order or homogeneous"),
            new("exclude", string.Empty, "layers trained first-order: names with * and ?, separated by commas"),
            new("trace-rule", $"{defaults.TraceRule}", "which layers are refreshed: off (all), thor, thor-stop, thor-nt, or W1:W2"),
            new("trace-averaging", "false", "the rule looks at traces averaged since the last opportunity"),
            new("staleness-probe", "off", "change of products with fixed vectors that refreshes a layer whatever the rule says, or off"),
            new("maximum-staleness", "off", "steps after which a layer is refreshed whatever the rule says, or off"),
            new("refresh-delay", $"{defaults.RefreshDelay}", "steps that train on held inverses while new ones are computed beside them"),
            new("maximum-skipped-steps", $"{defaults.MaximumSkippedSteps}", "steps in a row that may be left out because gradients are not finite, or off: not looked at"),
            new("recovery", $"{defaults.Recovery}", "what becomes of tiles that cannot be inverted: no-wait, full, keep-last or RETRIES:FACTOR"),
            new("fisher", "empirical", "whose gradients make G: empirical, monte-carlo, gauss-newton or input-only"),
            new("fisher-samples", $"{defaults.FisherSamples}", "labels drawn for each output by monte-carlo"),
            new("fisher-seed", $"{defaults.FisherSeed}", "seed of those labels"),
            new("sharing", "expand", "positions of sequences and images: expand (each is a row) or reduce (each sample is)"),
            new("statistics-share", $"{defaults.StatisticsShare}", "part of each batch that factors are made of"),
            new("early-decay", "false", "weight decay enters the gradient before it is preconditioned"),
            new("tensor-clip", "off", "bound on the norm of each preconditioned direction, or off"),
            new("grafting", "none", "whose step length each direction takes over: none, sgd or adam"),
            new("adaptation", "off", "damping adapts to how well the quadratic model predicts the loss: DECAY:INTERVAL, such as 0.95:5, or off"),
            new("quadratic-model", "false", "learning rate and momentum are those that minimise the quadratic model"),
            new("moment-decay", "off", "with exact damping: moving average of squared gradients in the place of eigenvalues, or off"),
            new("norm", "diagonal", "normalisations: diagonal (layer norms alone) or unit-wise (2 x 2 blocks, batch norms too)"),
        ];
    }

    /// <summary>THOR's, with the defaults that make K-FAC of it.</summary>
    private static OptimizerOption[] KFacOptionList()
    {
        ThorOptions defaults = KFacOptimizer.DefaultOptions;
        return [.. ThorOptionList().Select(option => option.Name switch
        {
            "damping-split" => option with { Default = "pi" },
            "tile" => option with { Default = "whole" },
            "statistics-decay" => option with { Default = Text(defaults.StatisticsDecay) },
            "bias" => option with { Default = "homogeneous" },
            _ => option,
        })];
    }

    /// <summary>THOR's, with the defaults that make EKFAC of it.</summary>
    private static OptimizerOption[] EkfacOptionList() => [.. ThorOptionList().Select(static option => option.Name switch
    {
        "damping-split" => option with { Default = "exact" },
        "moment-decay" => option with { Default = "0.95" },
        _ => option,
    })];

    private static ThorOptions ThorOf(OptimizerSettings s) => new()
    {
        LearningRate = s.Schedule("learning-rate"),
        Momentum = s.Schedule("momentum"),
        Nesterov = s.Flag("nesterov"),
        WeightDecay = Decay(s) with { IsEarly = s.Flag("early-decay") },
        Damping = s.Schedule("damping"),
        DampingSplit = s.Choice<DampingSplit>("damping-split"),
        TileSize = s.TileSize("tile"),
        Refresh = Refresh(s),
        KlClip = s.NumberOrOff("kl-clip"),
        StatisticsDecay = s.Number("statistics-decay"),
        Bias = s.Choice<BiasRule>("bias"),
        Excluded = Patterns(s),
        TraceRule = s.Read("trace-rule", "a trace rule", TraceRule.Parse),
        TraceAveraging = s.Flag("trace-averaging"),
        StalenessProbe = s.NumberOrOff("staleness-probe"),
        MaximumStaleness = s.WholeOrOff("maximum-staleness"),
        RefreshDelay = s.Whole("refresh-delay"),
        MaximumSkippedSteps = s.WholeOrOff("maximum-skipped-steps"),
        Recovery = s.Read("recovery", "a recovery ladder", RecoveryLadder.Parse),
        Fisher = s.Choice<FisherEstimator>("fisher"),
        FisherSamples = s.Whole("fisher-samples"),
        FisherSeed = (ulong)s.Whole("fisher-seed"),
        Sharing = s.Choice<WeightSharing>("sharing"),
        StatisticsShare = s.Number("statistics-share"),
        MomentDecay = s.NumberOrOff("moment-decay"),
        Norm = s.Choice<NormRule>("norm"),
        TensorClip = s.NumberOrOff("tensor-clip"),
        Grafting = s.Choice<Grafting>("grafting"),
        Adaptation = s.Read("adaptation", "DECAY:INTERVAL or off", static text => text == "off" ? null : LevenbergMarquardtOptions.Parse(text)),
        QuadraticModel = s.Flag("quadratic-model"),
    };
}
