using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class CurvatureObserverTests
{
    public static TheoryData<string> Kinds => ["linear", "conv", "embedding", "norm"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Observer_CapturingInTraining_SeesInputAndOutput(string kind)
    {
        (CurvatureLayer layer, Tensor input) = Make(kind);
        Watcher watcher = new() { IsCapturing = true };
        layer.Observer = watcher;
        Variable x = input;
        Variable y = layer.Forward(x);
        Assert.Equal(1, watcher.Count);
        Assert.Same(layer, watcher.Layer);
        Assert.Same(x, watcher.Input);
        Assert.Same(y, watcher.Output);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Observer_OtherwiseIsNotCalled(string kind)
    {
        (CurvatureLayer layer, Tensor input) = Make(kind);
        Watcher watcher = new();
        layer.Observer = watcher;
        layer.Forward(input);
        watcher.IsCapturing = true;
        layer.Eval();
        layer.Forward(input);
        layer.Train();
        using (Gradients.Disabled())
        {
            layer.Forward(input);
        }

        Assert.Equal(0, watcher.Count);
    }

    [Fact]
    public void Observer_OutputGradient_IsThatOfTheLayer()
    {
        Linear layer = new(3, 2, random: LayerChecks.Stream(1), type: DType.Float64);
        Tensor? seen = null;
        layer.Observer = new Watcher { IsCapturing = true, OnOutput = output => output.OnGradient(g => seen = g.Clone()) };
        Tensor weights = LayerChecks.Normal(2, 4, 5, 2);
        (layer.Forward(LayerChecks.Normal(3, 4, 5, 3)) * weights).Sum().Backward();
        Assert.NotNull(seen);
        LayerChecks.Near(LayerChecks.Values(weights), LayerChecks.Values(seen));
    }

    [Fact]
    public void Attention_BothProjections_AreCurvatureLayers()
    {
        MultiHeadAttention attention = new(4, 2, random: LayerChecks.Stream(1));
        Watcher watcher = new() { IsCapturing = true };
        ICurvatureLayer[] layers = [.. attention.Modules().Select(static m => m.Value).OfType<ICurvatureLayer>()];
        Assert.Equal([new Shape(12, 4), new Shape(4, 4)], layers.Select(static l => l.Weight.Shape));
        foreach (ICurvatureLayer layer in layers)
        {
            layer.Observer = watcher;
        }

        attention.Forward(Tensor.Ones([2, 3, 4]));
        Assert.Equal(2, watcher.Count);
    }

    private static (CurvatureLayer Layer, Tensor Input) Make(string kind) => kind switch
    {
        "linear" => (new Linear(3, 2, random: LayerChecks.Stream(1)), Tensor.Ones([2, 4, 3])),
        "conv" => (new Conv2d(2, 3, 3, random: LayerChecks.Stream(1)), Tensor.Ones([2, 2, 5, 5])),
        "embedding" => (new Embedding(4, 3, LayerChecks.Stream(1)), Tensor.From(1, 2, 3)),
        _ => (new LayerNorm(3), Tensor.Ones([2, 3])),
    };

    private sealed class Watcher : ICurvatureObserver
    {
        public bool IsCapturing { get; set; }

        public int Count { get; private set; }

        public ICurvatureLayer? Layer { get; private set; }

        public Variable? Input { get; private set; }

        public Variable? Output { get; private set; }

        public Action<Variable>? OnOutput { get; init; }

        public void Observe(ICurvatureLayer layer, Variable input, Variable output)
        {
            Count++;
            Layer = layer;
            Input = input;
            Output = output;
            OnOutput?.Invoke(output);
        }
    }
}
