using System.Numerics;
using Thor.Engine;
using Thor.Engine.Backends;
using Xunit;

namespace Thor.Tests.Kernels;

[Trait("Simd", "true")]
public sealed class TilePreconditionTests
{
    [Theory]
    [InlineData(1, 1, 128)]
    [InlineData(32, 25, 128)]
    [InlineData(10, 130, 128)]
    [InlineData(64, 200, 128)]
    [InlineData(100, 70, 33)]
    [InlineData(16, 144, 16)]
    [InlineData(9, 17, 8)]
    [InlineData(260, 150, 256)]
    public void Precondition_OneLayer_MatchesFloat64(int rows, int columns, int tileSize)
    {
        Check<float>(rows, columns, tileSize);
        Check<double>(rows, columns, tileSize);
    }

    [Fact]
    public void Precondition_ManyLayers_DoesEachAsIfAlone()
    {
        TileProduct[] products = [Product<float>(32, 25, 128), Product<float>(64, 800, 128), Product<float>(10, 40, 16), Product<float>(3, 3, 2)];
        TileData.Host.TilePrecondition(products);
        foreach (TileProduct product in products)
        {
            float[] together = product.Result.ToArray<float>();
            TileData.Host.TilePrecondition([product]);
            Assert.Equal(together, product.Result.ToArray<float>());
        }
    }

    [Fact]
    public void Precondition_InnerProducts_AreThoseOfResultAndGradient()
    {
        TileProduct[] products = [Product<float>(32, 25, 128), Product<float>(140, 300, 128), Product<float>(10, 40, 16)];
        Tensor sums = Tensor.From(new float[3], [3]);
        TileData.Host.TilePrecondition(products, sums);
        for (int i = 0; i < products.Length; i++)
        {
            float[] result = products[i].Result.ToArray<float>();
            float[] gradient = products[i].Gradient.ToArray<float>();
            double expected = 0;
            double magnitude = 0;
            for (int j = 0; j < result.Length; j++)
            {
                expected += (double)result[j] * gradient[j];
                magnitude += Math.Abs((double)result[j] * gradient[j]);
            }

            Assert.Equal(expected, sums.ToArray<float>()[i], 1e-6 * magnitude);
        }

        Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition(products, Tensor.From(new float[2], [2])));
    }

    [Fact]
    public void Precondition_Scale_MultipliesResultAndInnerProduct()
    {
        TileProduct plain = Product<float>(20, 37, 16);
        TileProduct half = plain with { Result = Tensor.Empty([20, 37]), Scale = 0.5 };
        Tensor sums = Tensor.Zeros([2]);
        TileData.Host.TilePrecondition([plain, half], sums);
        Assert.Equal(plain.Result.ToArray<float>().Select(static value => value / 2), half.Result.ToArray<float>());
        Assert.Equal(sums.ToArray<float>()[0] / 2, sums.ToArray<float>()[1]);
    }

    [Fact]
    public void Precondition_NoLayers_DoesNothing() => TileData.Host.TilePrecondition([]);

    [Fact]
    public void Precondition_WrongOperands_NamesThem()
    {
        TileProduct good = Product<float>(6, 5, 4);
        Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition([good with { Result = good.Gradient }]));
        Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition([good with { InputInverse = good.OutputInverse }]));
        Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition([good with { Gradient = good.Gradient.Transpose() }]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TileData.Host.TilePrecondition([good with { TileSize = 0 }]));
    }

    private static void Check<T>(int rows, int columns, int tileSize)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TileProduct product = Product<T>(rows, columns, tileSize);
        TileData.Host.TilePrecondition([product]);
        double[] expected = TileData.Precondition(
            product.OutputInverse.ToArray<T>(), product.InputInverse.ToArray<T>(), product.Gradient.ToArray<T>(), rows, columns, tileSize);
        TileData.Near(expected, (ReadOnlySpan<T>)product.Result.ToArray<T>(), 2 * tileSize);
    }

    private static TileProduct Product<T>(int rows, int columns, int tileSize)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] left = TileData.SymmetricTiles<T>(rows, tileSize, 21);
        T[] right = TileData.SymmetricTiles<T>(columns, tileSize, 22);
        Tensor gradient = Tensor.From(TileData.Numbers<T>(rows * columns, 23), [rows, columns]);
        return new TileProduct(
            Tensor.From(left, [left.Length]), Tensor.From(right, [right.Length]), tileSize, gradient, Tensor.Empty(gradient.Shape, gradient.DType));
    }
}
