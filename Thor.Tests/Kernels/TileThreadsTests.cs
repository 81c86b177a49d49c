using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;
using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

public sealed class TileThreadsTests
{
    [Fact]
    public void Tiles_AnyNumberOfThreads_GiveTheSameBits()
    {
        WorkerPool pool = WorkerPool.Shared;
        int threads = pool.Threads;
        float[] all = Run();
        try
        {
            pool.Threads = 1;
            Assert.Equal(all, Run());
        }
        finally
        {
            pool.Threads = threads;
        }
    }

    /// <summary>Every primitive, with few tiles and many rows so that the rows are shared out.</summary>
    private static float[] Run()
    {
        Tensor x = Tensor.From(TileData.Numbers<float>(5000 * 40, 1), [5000, 40]);
        Tensor a = Tensor.From(new float[TileLayout.Length(40, 24)], [(int)TileLayout.Length(40, 24)]);
        TileData.Host.TileCovariance(x, 24, 1.0 / 5000, 0, a);

        Tensor images = Tensor.From(TileData.Numbers<float>(6 * 4 * 20 * 20, 2), [6, 4, 20, 20]);
        Tensor g = Tensor.From(new float[36 * 36], [36 * 36]);
        TileData.Host.TilePatchCovariance(images, 3, 3, new Convolution2d(PaddingY: 1, PaddingX: 1), 0, 64, 1.0 / 2400, 0, g);

        TileSlot[] slots = TileLayout.Slots(40, 24, 0.1);
        TileData.Host.TileInverse(a, a, slots, Tensor.Zeros([slots.Length], DType.Int32));
        TileData.Host.TileInverse(g, g, TileLayout.Slots(36, 64, 0.1), Tensor.Zeros([1], DType.Int32));

        Tensor gradient = Tensor.From(TileData.Numbers<float>(40 * 40, 3), [40, 40]);
        TileProduct product = new(a, a, 24, gradient, Tensor.Empty([40, 40]));
        Tensor sum = Tensor.From(new float[1], [1]);
        TileData.Host.TilePrecondition([product], sum);
        return [.. a.ToArray<float>(), .. g.ToArray<float>(), .. product.Result.ToArray<float>(), .. sum.ToArray<float>()];
    }
}
