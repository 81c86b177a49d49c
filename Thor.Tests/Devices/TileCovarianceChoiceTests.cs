using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Which kernels covariance runs on, by device and by what its input may be rounded to.</summary>
public sealed class TileCovarianceChoiceTests
{
    [Theory]
    [InlineData(0, MatMulPrecision.BFloat16, TileCovarianceMethod.Blocks)]
    [InlineData(75, MatMulPrecision.BFloat16, TileCovarianceMethod.Blocks)]
    [InlineData(80, MatMulPrecision.Float32, TileCovarianceMethod.AsyncBlocks)]
    [InlineData(80, MatMulPrecision.TensorFloat32, TileCovarianceMethod.TensorFloat32)]
    [InlineData(90, MatMulPrecision.BFloat16, TileCovarianceMethod.BFloat16)]
    public void Choose_Precision_NeedsTensorCoresOfTheDevice(int capability, MatMulPrecision precision, TileCovarianceMethod expected)
    {
        AcceleratorProperties processor = TestDevices.Require("cpu").Properties;

        Assert.Equal(expected, TileCovarianceLaunch.Choose(processor with { IsProcessor = false, ComputeCapability = capability }, precision));
        Assert.Equal(TileCovarianceMethod.Lanes, TileCovarianceLaunch.Choose(processor, precision));
    }

    [Theory]
    [InlineData("host")]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void Covariance_PrecisionOfTheBackend_RoundsWhereThereAreTensorCores(string kind)
    {
        bool rounds = kind != "host" && TileCovarianceLaunch.Choose(TestDevices.Require(kind).Properties, MatMulPrecision.BFloat16) == TileCovarianceMethod.BFloat16;
        Backend backend = Device.Parse(kind).Backend;
        using TensorScope scope = TensorScope.Begin();
        Tensor x = new RandomStream(1).Normal([40, 16]).To(backend.Device);
        Tensor images = x.Reshape(5, 8, 4, 4);
        Tensor tiles = x.EmptyLike([2, 256]);
        float[] exact = Both();
        Assert.Equal(MatMulPrecision.Float32, backend.CovariancePrecision);
        try
        {
            backend.CovariancePrecision = MatMulPrecision.BFloat16;
            float[] rounded = Both();
            for (int half = 0; half < 2; half++)
            {
                double worst = exact.Zip(rounded).Skip(half * 256).Take(256).Max(static pair => Math.Abs(pair.First - pair.Second));
                Assert.InRange(worst, rounds ? 1e-3 : 0, rounds ? 0.5 : 0);
            }
        }
        finally
        {
            backend.CovariancePrecision = MatMulPrecision.Float32;
        }

        float[] Both()
        {
            backend.TileCovariance(x, 16, 1, 0, tiles.Select(0, 0));
            backend.TilePatchCovariance(images, 2, 1, Convolution2d.Default, 0, 16, 1, 0, tiles.Select(0, 1));
            return tiles.ToArray<float>();
        }
    }
}
