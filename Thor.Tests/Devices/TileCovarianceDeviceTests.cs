using Thor.Engine;
using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Diagonal tiles of X^T X by every flavour of kernel on every kind of device.</summary>
public sealed class TileCovarianceDeviceTests
{
    /// <summary>Kinds of device with the kernels that make sense on them.</summary>
    public static TheoryData<string, TileCovarianceMethod> Flavours
    {
        get
        {
            TheoryData<string, TileCovarianceMethod> cases = [];
            foreach ((string kind, bool lanes) in TestDevices.KindsAndFlavours.Select(static row => row.Data))
            {
                cases.Add(kind, lanes ? TileCovarianceMethod.Lanes : TileCovarianceMethod.Blocks);
                if (!lanes && kind is ("cpu" or "cuda"))
                {
                    cases.Add(kind, TileCovarianceMethod.AsyncBlocks);
                    cases.Add(kind, TileCovarianceMethod.TensorFloat32);
                    cases.Add(kind, TileCovarianceMethod.BFloat16);
                }
            }

            return cases;
        }
    }

    private static readonly (int Rows, int Dimension, int Stride, int TileSize)[] s_shapes =
    [
        (1, 1, 1, 128), (40, 7, 7, 128), (33, 128, 128, 128), (300, 150, 150, 64), (70, 100, 103, 33), (1100, 47, 48, 16),
        (5, 300, 300, 256), (0, 20, 20, 8), (2000, 24, 24, 24), (9, 600, 600, 512), (50, 60, 83, 32), (4000, 3, 5, 1),
        (15, 40, 40, 40), (17, 96, 100, 96), (16, 129, 132, 129), (140, 128, 128, 128),
    ];

    [Theory, MemberData(nameof(Flavours))]
    public void Covariance_StoredRows_MatchesFloat64(string kind, TileCovarianceMethod method)
    {
        Accelerator device = Require(kind, method);
        foreach ((int rows, int dimension, int stride, int tileSize) in s_shapes)
        {
            if (TestDevices.IsDebugger(kind) && (long)rows * dimension * Math.Min(tileSize, dimension) > (method == TileCovarianceMethod.TensorFloat32 ? 1_000_000 : 3_000_000))
            {
                continue;
            }

            // Tensor cores multiply rounded numbers exactly: rounded alike, the reference errs by no more than sums in float do.
            float[] x = TileData.Numbers<float>(rows * stride, 7);
            float[] held = TileData.SymmetricTiles<float>(dimension, tileSize, 8);
            foreach (double decay in (double[])[0, 0.75])
            {
                float[] actual = Accumulate(device, method, x, stride, rows, dimension, tileSize, 0.5, decay, held);
                TileData.Near(
                    TileData.Covariance<float>(Array.ConvertAll(x, value => Rounded(method, value)), stride, rows, dimension, tileSize, 0.5, decay, held),
                    (ReadOnlySpan<float>)actual,
                    rows);
                Symmetric(actual, dimension, tileSize);
            }
        }
    }

    [Theory, MemberData(nameof(Flavours))]
    public void Covariance_OfIntegers_IsThatOfTheHost(string kind, TileCovarianceMethod method)
    {
        Accelerator device = Require(kind, method);
        foreach ((int rows, int dimension, int stride, int tileSize) in s_shapes)
        {
            if (TestDevices.IsDebugger(kind) && (long)rows * dimension * Math.Min(tileSize, dimension) > 3_000_000)
            {
                continue;
            }

            float[] x = [.. Enumerable.Range(0, rows * stride).Select(static i => (float)((i * 7 % 11) - 5))];
            float[] held = [.. Enumerable.Repeat(float.NaN, (int)TileLayout.Length(dimension, tileSize))];
            Tensor tiles = Tensor.From(held, [held.Length]);
            TileData.Host.TileCovariance(Tensor.From(x, [rows, stride]).Slice(1, 0, dimension), tileSize, 0.25, 0, tiles);
            Assert.Equal(tiles.ToArray<float>(), Accumulate(device, method, x, stride, rows, dimension, tileSize, 0.25, 0, held));
        }
    }

    [Theory, MemberData(nameof(Flavours))]
    public void Covariance_SameInput_HasTheSameBits(string kind, TileCovarianceMethod method)
    {
        Accelerator device = Require(kind, method);
        float[] x = TileData.Numbers<float>(3000 * 40, 7);
        float[] held = new float[TileLayout.Length(40, 24)];
        Assert.Equal(
            Accumulate(device, method, x, 40, 3000, 40, 24, 0.5, 0, held),
            Accumulate(device, method, x, 40, 3000, 40, 24, 0.5, 0, held));
    }

    [Theory, MemberData(nameof(Flavours))]
    public void Covariance_OfPatches_IsThatOfThePatchMatrix(string kind, TileCovarianceMethod method)
    {
        Accelerator device = Require(kind, method);
        (Shape Images, int KernelY, int KernelX, Convolution2d Geometry, int TileSize)[] cases =
        [
            (new Shape(2, 3, 8, 9), 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1), 128),
            (new Shape(3, 4, 7, 5), 3, 2, new Convolution2d(StrideY: 2, StrideX: 3, PaddingY: 2, PaddingX: 1, DilationY: 2, DilationX: 1, Groups: 2), 8),
            (new Shape(2, 20, 5, 6), 1, 1, new Convolution2d(), 16),
            (new Shape(2, 6, 6, 6), 5, 5, new Convolution2d(PaddingY: 2, PaddingX: 2), 140),
            (new Shape(1, 2, 4, 4), 4, 4, new Convolution2d(), 64),
            (new Shape(3, 3, 13, 18), 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1), 128),
            (new Shape(5, 8, 12, 20), 3, 3, new Convolution2d(StrideY: 2, PaddingY: 2, PaddingX: 3, DilationY: 2, DilationX: 2, Groups: 2), 16),
            (new Shape(0, 2, 4, 4), 3, 3, new Convolution2d(), 64),
        ];
        foreach ((Shape shape, int kernelY, int kernelX, Convolution2d geometry, int tileSize) in cases)
        {
            float[] images = [.. Enumerable.Range(0, (int)shape.Length).Select(static i => (float)((i * 13 % 17) - 8))];
            for (int group = 0; group < geometry.Groups; group++)
            {
                TilePatches patches = new(shape[0], shape[1], shape[2], shape[3], kernelY, kernelX, geometry, group);
                float[] rows = TileData.Patches<float>(images, shape, kernelY, kernelX, geometry, group, out int columns);
                double[] expected = TileData.Covariance<float>(
                    rows, columns, rows.Length / columns, columns, tileSize, 0.5, 0, new float[TileLayout.Length(columns, tileSize)]);
                using MemoryBuffer<float> x = device.Allocate(images.Length == 0 ? new float[1] : images);
                using MemoryBuffer<float> tiles = device.Allocate(Enumerable.Repeat(float.NaN, expected.Length).ToArray());
                TileCovarianceLaunch.Accumulate(device.Stream, x.View, patches, tileSize, 0.5, 0, tiles.View, method);
                Assert.Equal(expected.Select(static value => (float)value), tiles.ToArray());
            }
        }
    }

    [Theory]
    [InlineData("cpu", TileCovarianceMethod.TensorFloat32)]
    [InlineData("cpu", TileCovarianceMethod.BFloat16)]
    [InlineData("cuda", TileCovarianceMethod.TensorFloat32)]
    [InlineData("cuda", TileCovarianceMethod.BFloat16)]
    public void Covariance_OnTensorCores_WithinTheErrorBound(string kind, TileCovarianceMethod method)
    {
        Accelerator device = Require(kind, method);
        const int Rows = 60;
        const int Dimension = 70;
        float[] x = TileData.Numbers<float>(Rows * Dimension, 7);
        float[] none = new float[Dimension * Dimension];
        double[] exact = TileData.Covariance<float>(x, Dimension, Rows, Dimension, Dimension, 1, 0, none);
        double[] magnitudes = TileData.Covariance<float>(Array.ConvertAll(x, float.Abs), Dimension, Rows, Dimension, Dimension, 1, 0, none);

        float[] actual = Accumulate(device, method, x, Dimension, Rows, Dimension, Dimension, 1, 0, none);

        // What MatMulPrecision says of a product, and what sums in float add.
        double unit = (method == TileCovarianceMethod.BFloat16 ? Math.Pow(2, -7) : 1.3 * Math.Pow(2, -10)) + (Rows * Math.Pow(2, -23));
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.InRange(actual[i], exact[i] - (unit * magnitudes[i]), exact[i] + (unit * magnitudes[i]));
        }

        Assert.Contains(Enumerable.Range(0, actual.Length), i => Math.Abs(actual[i] - exact[i]) > Math.Pow(2, -16) * magnitudes[i]);
    }

    private static Accelerator Require(string kind, TileCovarianceMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        Assert.SkipUnless(
            kind != "cuda" || method == TileCovarianceMethod.Blocks || device.Properties.ComputeCapability >= 80,
            $"{device.Properties.DeviceName} has compute capability {device.Properties.ComputeCapability}; {method} needs 80.");
        return device;
    }

    /// <summary>A number as tensor cores take it.</summary>
    private static float Rounded(TileCovarianceMethod method, float value)
    {
        int bits = 0;
        PtxConvert.RoundBfloat16Pair(ref bits, value, 0f);
        return method switch
        {
            TileCovarianceMethod.BFloat16 => BitConverter.Int32BitsToSingle(bits),
            TileCovarianceMethod.TensorFloat32 => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value * GemmKernels.Tf32Rounding) & ~0x1fff),
            _ => value,
        };
    }

    private static float[] Accumulate(
        Accelerator device, TileCovarianceMethod method, float[] x, int stride, int rows, int dimension, int tileSize, double scale, double decay, float[] held)
    {
        using MemoryBuffer<float> source = device.Allocate(x.Length == 0 ? new float[1] : x);
        using MemoryBuffer<float> tiles = device.Allocate(held);
        TileCovarianceLaunch.Accumulate(device.Stream, source.View, stride, rows, dimension, tileSize, scale, decay, tiles.View, method);
        return tiles.ToArray();
    }

    private static void Symmetric(float[] tiles, int dimension, int tileSize)
    {
        foreach (TileSlot slot in TileLayout.Slots(dimension, tileSize))
        {
            float[] mirrored = tiles.AsSpan((int)slot.Offset, slot.Dimension * slot.Dimension).ToArray();
            TileData.Mirror(mirrored.AsSpan(), slot.Dimension);
            Assert.Equal(mirrored, tiles.AsSpan((int)slot.Offset, mirrored.Length).ToArray());
        }
    }
}
