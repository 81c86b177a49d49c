using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Engine;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class StateDictTests
{
    [Fact]
    public void StateDict_Layers_HaveTorchNamesInTorchOrder()
    {
        Assert.Equal(["weight", "bias"], new Linear(2, 3).StateDict().Keys);
        Assert.Equal(["weight"], new Linear(2, 3, bias: false).StateDict().Keys);
        Assert.Equal(["weight", "bias"], new Conv2d(2, 3, 3).StateDict().Keys);
        Assert.Equal(["weight"], new Embedding(2, 3).StateDict().Keys);
        Assert.Equal(["weight", "bias"], new LayerNorm(2).StateDict().Keys);
        Assert.Equal(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], new BatchNorm2d(2).StateDict().Keys);
        Assert.Equal(["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], new MultiHeadAttention(4, 2).StateDict().Keys);
        Assert.Equal(
            [
                "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
                "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
                "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
            ],
            new TransformerEncoderLayer(4, 2, 8).StateDict().Keys);
        Assert.Empty(new Sequential(new Relu(), new MaxPool2d(2), new Flatten()).StateDict());
    }

    [Fact]
    public void StateDict_Names_AreThoseOfTheParameters()
    {
        TransformerEncoderLayer layer = new(4, 2, 8);
        Assert.Equal(layer.StateDict().Keys, layer.NamedParameters().Select(static p => p.Key));
    }

    [Fact]
    public void Load_ClonedState_RestoresEveryValueInPlace()
    {
        Sequential net = new(new Conv2d(1, 2, 3, random: LayerChecks.Stream(1)), new BatchNorm2d(2));
        Tensor x = Tensor.Ones([2, 1, 4, 4]);
        net.Forward(x);
        StateDict saved = net.StateDict().Clone();
        StateDict own = net.StateDict();
        foreach (Tensor tensor in own.Values)
        {
            tensor.Fill(7);
        }

        net.Load(saved);
        Assert.Equal(saved.Keys, own.Keys);
        foreach (string name in saved.Keys)
        {
            Assert.NotSame(saved[name], own[name]);
            Assert.Same(own[name], net.StateDict()[name]);
            Assert.Equal(LayerChecks.Values(saved[name]), LayerChecks.Values(own[name]));
        }
    }

    [Fact]
    public void Load_OtherElementType_IsConverted()
    {
        Linear source = new(2, 3, random: LayerChecks.Stream(1));
        Linear target = new(2, 3, type: DType.Float64);
        target.Load(source.StateDict());
        Assert.Equal(DType.Float64, target.Weight.DType);
        Assert.Equal(LayerChecks.Values(source.Weight), LayerChecks.Values(target.Weight));
    }

    [Fact]
    public void Load_StateThatDoesNotFit_ListsEverythingAndChangesNothing()
    {
        Sequential net = new(new Linear(2, 3, random: LayerChecks.Stream(1)), new Linear(3, 1, random: LayerChecks.Stream(2)));
        double[][] before = [.. net.StateDict().Values.Select(static t => LayerChecks.Values(t))];
        StateDict state = new(
        [
            KeyValuePair.Create("0.weight", Tensor.Zeros([3, 2])),
            KeyValuePair.Create("0.bias", Tensor.Zeros([4])),
            KeyValuePair.Create("1.weight", Tensor.Zeros([1, 3])),
            KeyValuePair.Create("extra", Tensor.Zeros([1])),
        ]);
        string message = Assert.Throws<ArgumentException>(() => net.Load(state)).Message;
        Assert.Contains("missing: 1.bias", message, StringComparison.Ordinal);
        Assert.Contains("unexpected: extra", message, StringComparison.Ordinal);
        Assert.Contains("0.bias (expected [3], got [4])", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => net.Load(state, strict: false));
        Assert.Equal(before, net.StateDict().Values.Select(static t => LayerChecks.Values(t)));
    }

    [Fact]
    public void Load_NotStrict_TakesWhatBothHave()
    {
        Linear layer = new(2, 3, random: LayerChecks.Stream(1));
        double[] bias = LayerChecks.Values(layer.Bias!);
        layer.Load(new StateDict([KeyValuePair.Create("weight", Tensor.Zeros([3, 2])), KeyValuePair.Create("extra", Tensor.Zeros([1]))]), strict: false);
        Assert.Equal(new double[6], LayerChecks.Values(layer.Weight));
        Assert.Equal(bias, LayerChecks.Values(layer.Bias!));
    }

    [Fact]
    public void StateDict_NameTwice_IsRefused()
    {
        StateDict state = new();
        state.Add("a", Tensor.Zeros([1]));
        Assert.Throws<ArgumentException>(() => state.Add("a", Tensor.Zeros([1])));
        Assert.Contains("'b'", Assert.Throws<KeyNotFoundException>(() => state["b"]).Message, StringComparison.Ordinal);
    }
}
