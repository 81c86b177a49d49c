using MathNet.Numerics.LinearAlgebra;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Tests.Autograd.SecondOrder;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Engine;

/// <summary>Tiles beyond what the kernels take, on every device, against products and inverses in double precision.</summary>
public sealed class LargeTilesTests
{
    private const int Size = 530; // one more half than the kernels take

    public static TheoryData<string> Devices => ["host", "opencl"];

    [Theory]
    [MemberData(nameof(Devices))]
    public void Inverse_OneLargeAmongSmall_IsTheInverseAndReportsEachTile(string kind)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = Open(kind);
        Matrix<double> large = Damped(1, Size);
        Matrix<double> small = Damped(2, 3);
        Tensor run = Tensor.From([.. Values(small), .. Values(large), 1f, 0, 0, float.NaN], [9 + (Size * Size) + 4]).To(device);
        Tensor inverses = Tensor.Full(run.Shape, 7, device: device);
        Tensor status = Tensor.Empty([3], DType.Int32, device);
        device.Backend.TileInverse(run, inverses, [new TileSlot(0, 3, 0.5), new TileSlot(9, Size, 0.25), new TileSlot(9 + (Size * Size), 2, 0)], status);
        Assert.Equal([0, 0, -1], status.ToArray<int>());
        Assert.True(CurvatureBench.Error(CurvatureBench.DampedInverse(small, 0.5), CurvatureBench.Matrix(inverses.Slice(0, 0, 9), 3)) < 1e-5);
        Matrix<double> actual = CurvatureBench.Matrix(inverses.Slice(0, 9, Size * Size), Size);

        // The condition of the damped tile is below 20.
        Assert.True(CurvatureBench.Error(CurvatureBench.DampedInverse(large, 0.25), actual) < 2e-5);
        Assert.Equal(actual, actual.Transpose());
        Assert.Equal([7f, 7, 7, 7], inverses.Slice(0, 9 + (Size * Size), 4).ToArray<float>());
    }

    [Theory]
    [InlineData("host", 100)]
    [InlineData("host", 400)] // in the second half
    [InlineData("opencl", 400)]
    public void Inverse_OfALargeTileWithABadMinor_NamesItAndLeavesTheDestination(string kind, int bad)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = Open(kind);
        Tensor tile = Identity(Size);
        tile.Slice(0, (bad * Size) + bad, 1).Fill(-1);
        tile = tile.To(device);
        Tensor inverse = Tensor.Full([Size * Size], 7, device: device);
        Tensor status = Tensor.Empty([1], DType.Int32, device);
        device.Backend.TileInverse(tile, inverse, [new TileSlot(0, Size, 0)], status);
        Assert.Equal(bad + 1, (int)status.Item());
        Assert.All(inverse.ToArray<float>(), static value => Assert.Equal(7, value));

        // Damping of 0.3, 0.9, 2.7 turns the bad minor around at the third attempt.
        Tensor used = Tensor.Empty([1], device: device);
        device.Backend.TileInverse(tile, inverse, [new TileSlot(0, Size, 0.3)], status, new TileRetry(4, 3), used);
        Assert.Equal(0, (int)status.Item());
        Assert.Equal(2.7, used.Item(), 1e-5);
        Assert.Equal(1 / 3.7, inverse.Slice(0, 0, 1).Item(), 1e-5);
        Assert.Equal(1 / 1.7, inverse.Slice(0, (bad * Size) + bad, 1).Item(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Covariance_OfRowsAndPatches_IsTheProduct(string kind)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = Open(kind);
        Tensor x = new RandomStream(3).Normal([7, Size]);
        Tensor whole = Tensor.Full([Size * Size], 2, device: device);
        device.Backend.TileCovariance(x.To(device), int.MaxValue, 0.5, 0.25, whole);
        Matrix<double> rows = CurvatureBench.Matrix(x);
        Assert.True(CurvatureBench.Error((rows.Transpose() * rows * 0.5) + 0.5, CurvatureBench.Matrix(whole, Size)) < 1e-5);

        // 22 channels of 5 x 5 patches in the second of two groups.
        Convolution2d geometry = new(StrideY: 2, PaddingY: 1, PaddingX: 2, DilationX: 2, Groups: 2);
        Tensor images = new RandomStream(4).Normal([3, 44, 6, 9]);
        Tensor patches = Tensor.Empty([550 * 550], device: device);
        device.Backend.TilePatchCovariance(images.To(device), 5, 5, geometry, 1, int.MaxValue, 0.5, 0, patches);
        Tensor tiles = Tensor.Empty([checked((int)TileLayout.Length(550, 110))], device: device);
        device.Backend.TilePatchCovariance(images.To(device), 5, 5, geometry, 1, 110, 0.5, 0, tiles);
        for (int tile = 0; tile < 5; tile++)
        {
            Matrix<double> expected = CurvatureBench.Matrix(tiles.Slice(0, tile * 110 * 110, 110 * 110), 110);
            Matrix<double> actual = CurvatureBench.Matrix(patches, 550).SubMatrix(tile * 110, 110, tile * 110, 110);
            Assert.True(CurvatureBench.Error(expected, actual) < 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Precondition_OneLargeAmongSmall_IsTheProduct(string kind)
    {
        using TensorScope scope = TensorScope.Begin();
        Device device = Open(kind);
        Tensor Symmetric(ulong seed, int n)
        {
            Tensor root = new RandomStream(seed).Normal([n, n]);
            return root + root.Transpose();
        }

        (int Rows, int Columns)[] shapes = [(3, Size), (4, 5), (Size, 2)];
        TileProduct[] products = [.. shapes.Select((shape, i) => new TileProduct(
            Symmetric((ulong)(10 + i), shape.Rows).Reshape(-1).To(device),
            Symmetric((ulong)(20 + i), shape.Columns).Reshape(-1).To(device),
            int.MaxValue,
            new RandomStream((ulong)(30 + i)).Normal([shape.Rows, shape.Columns]).To(device),
            Tensor.Empty([shape.Rows, shape.Columns], device: device),
            0.5))];
        Tensor sums = Tensor.Empty([3], device: device);
        device.Backend.TilePrecondition(products, sums);
        for (int i = 0; i < products.Length; i++)
        {
            (int m, int n) = shapes[i];
            Matrix<double> gradient = CurvatureBench.Matrix(products[i].Gradient);
            Matrix<double> expected = CurvatureBench.Matrix(products[i].OutputInverse, m) * gradient * CurvatureBench.Matrix(products[i].InputInverse, n) * 0.5;
            Assert.True(CurvatureBench.Error(expected, CurvatureBench.Matrix(products[i].Result)) < 1e-5);
            double sum = expected.PointwiseMultiply(gradient).Enumerate().Sum();
            double scale = expected.PointwiseMultiply(gradient).Enumerate().Sum(Math.Abs);
            Assert.Equal(sum, sums.Slice(0, i, 1).Item(), 1e-5 * scale);
        }

        UpdateStep step = new(0.1, 0.9, WeightDecay: 0.2, Count: 2);
        TileProduct[] moving = [.. products.Select(product => product with
        {
            Result = product.Gradient * 3, Update = new TileUpdate(product.Gradient * 2, step, Tensor.Full([1], 0.5, device: device)),
        })];
        Tensor again = Tensor.Empty([3], device: device);
        device.Backend.TilePrecondition(moving, again);
        Assert.Equal(sums.To(Device.Host).ToArray<float>(), again.To(Device.Host).ToArray<float>());
        foreach ((TileProduct product, TileProduct moved) in products.Zip(moving))
        {
            Tensor parameter = product.Gradient * 3;
            Tensor velocity = product.Gradient * 2;
            device.Backend.Update(UpdateRule.Momentum, step, parameter, product.Result, velocity, null, moved.Update!.Value.GradientScale);
            Assert.Equal(parameter.To(Device.Host).ToArray<float>(), moved.Result.To(Device.Host).ToArray<float>());
            Assert.Equal(velocity.To(Device.Host).ToArray<float>(), moved.Update.Value.Velocity.To(Device.Host).ToArray<float>());
        }
    }

    private static Device Open(string kind)
    {
        if (kind != "host")
        {
            TestDevices.Require(kind);
        }

        return Device.Parse(kind);
    }

    private static Matrix<double> Damped(ulong seed, int n)
    {
        Matrix<double> x = CurvatureBench.Matrix(new RandomStream(seed).Normal([n, n]));
        return x.Transpose() * x / n;
    }

    private static float[] Values(Matrix<double> matrix) => [.. matrix.ToRowMajorArray().Select(static v => (float)v)];

    private static Tensor Identity(int n)
    {
        Tensor identity = Tensor.Zeros([n * n]);
        identity.Slice(0, 0, n, n + 1).Fill(1);
        return identity;
    }
}
