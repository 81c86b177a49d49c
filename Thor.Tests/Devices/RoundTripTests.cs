using Thor.Autograd;
using Thor.Autograd.Layers;
using Thor.Autograd.Losses;
using Thor.Autograd.Models;
using Thor.Autograd.Optimizers;
using Thor.Autograd.SecondOrder;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>A training step reads nothing back from the device unless the loss is asked for.</summary>
[Collection(DeviceStatisticsCollection.Name)]
public sealed class RoundTripTests
{
    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_MomentumWithClipping_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => new Momentum(model.Parameters(), 0.01, nesterov: true));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_ThorWithRefreshAndKlClip_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => new ThorOptimizer(model, new ThorOptions { LearningRate = 0.01, Refresh = RefreshSchedule.Every(2), KlClip = 1e-3 }));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_LabelsDrawnFromTheModel_DownloadsNothing(string kind) => CheckSteps(kind, static model => new ThorOptimizer(model, new ThorOptions
    {
        LearningRate = 0.01,
        Refresh = RefreshSchedule.Every(2),
        Fisher = FisherEstimator.MonteCarlo,
        FisherSamples = 2,
        Sharing = WeightSharing.Reduce,
        StatisticsShare = 0.5,
    }));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_GaussNewtonAndBlocksOfNorms_DownloadsNothing(string kind) => CheckSteps(kind, static model => new ThorOptimizer(model, new ThorOptions
    {
        LearningRate = 0.01,
        Refresh = RefreshSchedule.Every(2),
        Fisher = FisherEstimator.GaussNewton,
        Norm = NormRule.UnitWise,
    }));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_Ekfac_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => OptimizerRegistry.Create("ekfac", model, new Dictionary<string, string> { ["refresh-interval"] = "2" }));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_LayerwiseRates_DownloadNothing(string kind) =>
        CheckSteps(kind, static model => new Lamb(model.Parameters(), 0.01));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_Shampoo_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => new Preconditioned(new ShampooPreconditioner(model, new ShampooOptions { Refresh = 2 }), new Momentum(model.Parameters(), 0.01)));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_Soap_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => new Preconditioned(new SoapPreconditioner(model, new SoapOptions { Refresh = 2 }), new Sgd(model.Parameters(), 0.01)));

    [Theory]
    [MemberData(nameof(TestDevices.Kinds), MemberType = typeof(TestDevices))]
    public void TrainingStep_Muon_DownloadsNothing(string kind) =>
        CheckSteps(kind, static model => new Muon(ParameterGroup.Of(model), 0.01));

    private static void CheckSteps(string kind, Func<Layer, Optimizer> create)
    {
        TestDevices.Require(kind);
        Device device = Device.Parse(kind);
        AcceleratorBackend backend = (AcceleratorBackend)device.Backend;
        Layer model = new Sequential(new Mlp([16, 32, 10], random: new RandomStream(1)), new LayerNorm(10)).To(device);
        using Optimizer optimizer = create(model);
        using Tensor inputs = new RandomStream(2).Normal([8, 16]).To(device);
        using Tensor labels = Tensor.From(1, 2, 3, 4, 5, 6, 7, 8).To(device);

        long before = backend.Accelerator.Statistics.Downloads;
        using TensorScope scope = TensorScope.Begin();
        Variable? loss = null;
        for (int step = 0; step < 5; step++)
        {
            optimizer.ZeroGrad();
            loss = Losses.CrossEntropy(model.Forward(inputs), labels);
            optimizer.ObserveLoss(loss);
            loss.Backward();
            GradientClipping.ByGlobalNorm(model.Parameters(), 1);
            optimizer.Step();
        }

        Assert.Equal(before, backend.Accelerator.Statistics.Downloads);
        Assert.True(double.IsFinite(loss!.Value.Item()));
        Assert.True(backend.Accelerator.Statistics.Downloads > before);
    }
}
