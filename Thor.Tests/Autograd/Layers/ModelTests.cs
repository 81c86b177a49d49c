using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Autograd.Layers;

public sealed class ModelTests
{
    private static readonly DataDescription s_images = new(Channels: 1, Height: 28, Width: 28, Classes: 10);
    private static readonly DataDescription s_text = new(Vocabulary: 30, SequenceLength: 16);

    [Fact]
    public void Models_Names_AreTorchs()
    {
        Assert.Equal(
            ["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"], new Mlp([4, 3, 2]).StateDict().Keys);
        Assert.Equal(
            ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"],
            new LeNet(10, size: 8).StateDict().Keys);
        Assert.Equal(
            [.. from half in new[] { "encoder", "decoder" } from i in new[] { 0, 2, 4, 6 } from part in new[] { "weight", "bias" } select $"{half}.{i}.{part}"],
            new Autoencoder(16).StateDict().Keys);
        string[] layer =
        [
            "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
            "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
        ];
        Assert.Equal(
            [
                "token_embedding.weight", "position_embedding.weight", "norm.weight", "norm.bias",
                .. layer.Select(static n => $"layers.0.{n}"), .. layer.Select(static n => $"layers.1.{n}"), "head.weight", "head.bias",
            ],
            new CharacterEncoder(30, 16, width: 8).StateDict().Keys);
    }

    [Fact]
    public void ResNet20_Names_AreTorchvisions()
    {
        static string[] Norm(string name) =>
            [$"{name}.weight", $"{name}.bias", $"{name}.running_mean", $"{name}.running_var", $"{name}.num_batches_tracked"];
        List<string> expected = ["conv1.weight", .. Norm("bn1")];
        for (int stage = 1; stage <= 3; stage++)
        {
            for (int block = 0; block < 3; block++)
            {
                string name = $"layer{stage}.{block}";
                expected.AddRange([$"{name}.conv1.weight", .. Norm($"{name}.bn1"), $"{name}.conv2.weight", .. Norm($"{name}.bn2")]);
                if (stage > 1 && block == 0)
                {
                    expected.AddRange([$"{name}.downsample.0.weight", .. Norm($"{name}.downsample.1")]);
                }
            }
        }

        expected.AddRange(["fc.weight", "fc.bias"]);
        Assert.Equal(expected, new ResNet20(10).StateDict().Keys);
    }

    [Fact]
    public void Models_ParameterCounts_AreKnown()
    {
        Assert.Equal(1_663_370, Count(new LeNet(10)));
        Assert.Equal(272_474, Count(new ResNet20(10)));
        Assert.Equal(669_706, Count(new Mlp([784, 512, 512, 10])));
        Assert.Equal(2_837_314, Count(new Autoencoder()));

        // Per layer 4 w^2 + 4 w (attention), 8 w^2 + 5 w (feed-forward), 4 w (norms).
        const int W = 128;
        Assert.Equal((30 * W) + (16 * W) + (2 * W) + (2 * ((12 * W * W) + (13 * W))) + (30 * W) + 30, Count(new CharacterEncoder(30, 16)));
    }

    [Theory]
    [InlineData("logistic", new[] { 2, 10 })]
    [InlineData("mlp", new[] { 2, 10 })]
    [InlineData("lenet", new[] { 2, 10 })]
    [InlineData("resnet20", new[] { 2, 10 })]
    [InlineData("autoencoder", new[] { 2, 784 })]
    [InlineData("encoder", new[] { 2, 16, 30 })]
    public void Registry_EveryModel_RunsAndTrainsInsideAScope(string name, int[] output)
    {
        bool text = name == "encoder";
        Layer model = ModelRegistry.Create(name, text ? s_text : s_images, new RandomStream(1));
        Tensor input = text ? Tensor.From(Enumerable.Range(0, 32).Select(static i => i % 30).ToArray(), [2, 16]) : new RandomStream(2).Normal([2, 1, 28, 28]);
        using (Gradients.Disabled())
        {
            Variable y = model.Forward(input);
            Assert.Equal(output, y.Shape.Extents.ToArray());
            Assert.False(y.RequiresGradient);
        }

        using (TensorScope scope = TensorScope.Begin())
        {
            model.Forward(input).Square().Mean().Backward();
        }

        Assert.All(model.NamedParameters(), static p =>
        {
            Assert.True(p.Value.Gradient is not null, p.Key);
            Assert.All(LayerChecks.Values(p.Value.Gradient), static g => Assert.True(double.IsFinite(g)));
        });
        model.Eval();
        using (TensorScope scope = TensorScope.Begin())
        {
            Assert.Equal(LayerChecks.Values(model.Forward(input)), LayerChecks.Values(model.Forward(input)));
        }
    }

    [Fact]
    public void Registry_SameSeed_GivesTheSameModel()
    {
        foreach (string name in ModelRegistry.Names)
        {
            DataDescription data = name == "encoder" ? s_text : s_images;
            StateDict first = ModelRegistry.Create(name, data, new RandomStream(5)).StateDict();
            StateDict second = ModelRegistry.Create(name, data, new RandomStream(5)).StateDict();
            Assert.Equal(first.Keys, second.Keys);
            Assert.All(first, e => Assert.Equal(LayerChecks.Values(e.Value), LayerChecks.Values(second[e.Key])));
        }
    }

    [Fact]
    public void Registry_BadRequest_SaysWhatIsKnown()
    {
        string unknown = Assert.Throws<ArgumentException>(() => ModelRegistry.Create("vgg", s_images, new RandomStream(1))).Message;
        Assert.Contains("'vgg'", unknown, StringComparison.Ordinal);
        Assert.Contains("mlp, lenet, resnet20, autoencoder, encoder", unknown, StringComparison.Ordinal);
        Assert.Contains("needs images", Assert.Throws<ArgumentException>(() => ModelRegistry.Create("lenet", s_text, new RandomStream(1))).Message, StringComparison.Ordinal);
        Assert.Contains("needs text", Assert.Throws<ArgumentException>(() => ModelRegistry.Create("encoder", s_images, new RandomStream(1))).Message, StringComparison.Ordinal);
        Assert.Contains("square", Assert.Throws<ArgumentException>(() => ModelRegistry.Create("lenet", s_images with { Width = 20 }, new RandomStream(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LeNet_ThirtyTwoPixelColourImages_AreTaken() =>
        Assert.Equal([1, 5], new LeNet(5, 3, 32, LayerChecks.Stream(1)).Forward(Tensor.Zeros([1, 3, 32, 32])).Shape.Extents.ToArray());

    [Fact]
    public void ResNet20_Images28And32_AreTaken()
    {
        ResNet20 model = new(7, 1, LayerChecks.Stream(1));
        model.Eval();
        Assert.Equal([1, 7], model.Forward(Tensor.Zeros([1, 1, 28, 28])).Shape.Extents.ToArray());
        Assert.Equal([1, 7], model.Forward(Tensor.Zeros([1, 1, 32, 32])).Shape.Extents.ToArray());
    }

    [Fact]
    public void CharacterEncoder_LongerSequence_IsRefused() =>
        Assert.Contains("at most 4", Assert.Throws<ShapeException>(() => new CharacterEncoder(9, 4).Forward(Tensor.From<int>(new int[5], [1, 5]))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CharacterEncoder_Padding_DoesNotReachOtherPositions(bool normFirst)
    {
        CharacterEncoder model = new(9, 4, width: 8, normFirst: normFirst, random: LayerChecks.Stream(1), type: DType.Float64);
        Tensor padding = Tensor.From<int>([0, 0, 1], [1, 3]);
        double[] first = LayerChecks.Values(model.Forward(Tensor.From<int>([1, 2, 3], [1, 3]), padding));
        double[] second = LayerChecks.Values(model.Forward(Tensor.From<int>([1, 2, 7], [1, 3]), padding));
        LayerChecks.Near(first.AsSpan(0, 18), second.AsSpan(0, 18));
        Assert.NotEqual(first[18..], second[18..]);
        Assert.NotEqual(first[..18], LayerChecks.Values(model.Forward(Tensor.From<int>([1, 2, 3], [1, 3])))[..18]);
    }

    [Fact]
    public void LeNet_PlainGradientDescent_OverfitsATinyBatch()
    {
        LeNet model = new(4, 1, 8, new RandomStream(3));
        Tensor images = new RandomStream(4).Normal([8, 1, 8, 8]);
        Tensor labels = Tensor.From(0, 1, 2, 3, 0, 1, 2, 3);
        double loss = double.NaN;
        for (int step = 0; step < 60; step++)
        {
            using TensorScope scope = TensorScope.Begin();
            Variable value = Losses.CrossEntropy(model.Forward(images), labels);
            value.Backward();
            foreach (Parameter parameter in model.Parameters())
            {
                parameter.Value.AddInPlace(parameter.Gradient!, -0.1);
                parameter.ZeroGrad();
            }

            loss = value.Value.Item();
        }

        Assert.InRange(loss, 0, 0.05);
    }

    [Fact]
    public void SmallNet_GradientsOfGradients_EqualDifferences()
    {
        RandomStream random = new(6);
        Sequential net = new(
            new Conv2d(1, 2, 3, Convolution2d.Default with { PaddingY = 1, PaddingX = 1 }, random: random, type: DType.Float64),
            new BatchNorm2d(2, type: DType.Float64),
            new Tanh(),
            new AveragePool2d(2),
            new Flatten(),
            new Linear(8, 3, random: random, type: DType.Float64),
            new LayerNorm(3, type: DType.Float64));
        Tensor x = LayerChecks.Normal(7, 3, 1, 4, 4);
        Tensor labels = Tensor.From(0, 1, 2);
        IReadOnlyList<Parameter> parameters = net.Parameters();
        Tensor[] direction = [.. parameters.Select(static (p, i) => LayerChecks.Normal(30 + (ulong)i, p.Shape.Extents.ToArray()))];
        LayerChecks.CheckGradients(
            () =>
            {
                Variable[] gradients = Gradients.Of(Losses.CrossEntropy(net.Forward(x), labels), [.. parameters], createGraph: true);
                Variable slope = (gradients[0] * direction[0]).Sum();
                for (int i = 1; i < gradients.Length; i++)
                {
                    slope += (gradients[i] * direction[i]).Sum();
                }

                return slope;
            },
            [.. parameters]);
    }

    private static long Count(Module model) => model.Parameters().Sum(static p => p.Shape.Length);
}
