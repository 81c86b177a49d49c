using System.Numerics;
using Thor.Engine;
using Thor.Kernels;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TilePatchCovarianceTests
{
    public static TheoryData<int, int, int, int, int, int, Convolution2d> Geometries => new()
    {
        // batch, channels, height, width, kernelY, kernelX
        { 2, 3, 8, 9, 3, 3, Convolution2d.Default },
        { 2, 4, 8, 9, 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1) },
        { 1, 2, 11, 7, 5, 2, new Convolution2d(2, 3, 2, 1) },
        { 2, 2, 9, 12, 3, 3, new Convolution2d(1, 1, 2, 2, 2, 2) },
        { 1, 6, 10, 10, 3, 2, new Convolution2d(2, 1, 1, 0, 1, 3, Groups: 3) },
        { 3, 40, 5, 6, 1, 1, Convolution2d.Default },
        { 2, 130, 7, 7, 1, 1, Convolution2d.Default },
        { 2, 8, 6, 6, 1, 1, new Convolution2d(2, 2) },
        { 1, 12, 4, 4, 1, 1, new Convolution2d(Groups: 4) },
        { 2, 16, 20, 20, 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1) },
        { 1, 1, 2, 2, 3, 3, Convolution2d.Default },
        { 1, 1, 1, 1, 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1) },
        { 0, 3, 4, 4, 3, 3, Convolution2d.Default },
    };

    [Theory]
    [MemberData(nameof(Geometries))]
    public void PatchCovariance_Geometry_MatchesTheMaterialisedPatches(
        int batch, int channels, int height, int width, int kernelY, int kernelX, Convolution2d geometry)
    {
        Shape shape = [batch, channels, height, width];
        for (int group = 0; group < geometry.Groups; group++)
        {
            Check<float>(shape, kernelY, kernelX, geometry, group, 128, 0);
            Check<float>(shape, kernelY, kernelX, geometry, group, 24, 0.9);
            Check<double>(shape, kernelY, kernelX, geometry, group, 32, 0.9);
        }
    }

    [Fact]
    public void PatchCovariance_WrongOperands_NamesThem()
    {
        Tensor images = Tensor.From(new float[2 * 3 * 4 * 4], [2, 3, 4, 4]);
        Tensor tiles = Tensor.From(new float[27 * 27], [27 * 27]);
        Assert.Throws<ShapeException>(() => Run(images.Reshape(2, 3, 16), Convolution2d.Default, 0));
        Assert.Throws<ShapeException>(() => Run(images, new Convolution2d(Groups: 2), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Run(images, Convolution2d.Default, 1));
        Assert.Throws<ArgumentException>(() => Run(images, default, 0));

        void Run(Tensor operand, Convolution2d geometry, int group) =>
            TileData.Host.TilePatchCovariance(operand, 3, 3, geometry, group, 128, 1, 0, tiles);
    }

    private static void Check<T>(Shape shape, int kernelY, int kernelX, Convolution2d geometry, int group, int tileSize, double decay)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] images = TileData.Numbers<T>((int)shape.Length, 11);
        T[] patches = TileData.Patches<T>(images, shape, kernelY, kernelX, geometry, group, out int columns);
        T[] held = TileData.SymmetricTiles<T>(columns, tileSize, 12);
        Tensor tiles = Tensor.From(held, [held.Length]);
        TileData.Host.TilePatchCovariance(Tensor.From(images, shape), kernelY, kernelX, geometry, group, tileSize, 0.25, decay, tiles);
        int rows = patches.Length / columns;
        TileData.Near(TileData.Covariance<T>(patches, columns, rows, columns, tileSize, 0.25, decay, held), (ReadOnlySpan<T>)tiles.ToArray<T>(), rows);
    }
}
