using System.Numerics;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;
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
    public void Precondition_WithUpdates_ChangesWhatThePlainProductAndTheUpdateAfterItWould()
    {
        CheckUpdates<float>();
        CheckUpdates<double>();
    }

    [Fact]
    public void Precondition_UpdateScaledByNaN_ChangesNothing()
    {
        TileProduct product = Moving<float>(Product<float>(20, 37, 16), new UpdateStep(0.1, 0.9), double.NaN);
        float[] parameter = product.Result.ToArray<float>();
        float[] velocity = product.Update!.Value.Velocity.ToArray<float>();
        TileData.Host.TilePrecondition([product]);
        Assert.Equal(parameter, product.Result.ToArray<float>());
        Assert.Equal(velocity, product.Update.Value.Velocity.ToArray<float>());
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

    [Fact]
    public void Precondition_WrongUpdate_NamesWhatIsWrongAndChangesNothing()
    {
        TileProduct good = Moving<float>(Product<float>(6, 5, 4), new UpdateStep(0.1, 0.9), 1);
        Tensor velocity = good.Update!.Value.Velocity;
        float[] parameter = good.Result.ToArray<float>();
        Tensor both = Tensor.Zeros([60]);
        (TileUpdate Update, string Message)[] wrong =
        [
            (good.Update.Value with { Velocity = good.Result }, "the velocity must not share elements with the parameter"),
            (good.Update.Value with { Velocity = good.Gradient }, "the velocity must not share elements with the gradient"),
            (good.Update.Value with { Velocity = velocity.Reshape(5, 6) }, "[5, 6]"),
            (good.Update.Value with { Velocity = Tensor.Zeros([5, 6]).Transpose() }, "contiguous"),
            (good.Update.Value with { Velocity = Tensor.Zeros([6, 5], DType.Float64) }, "Float64"),
            (good.Update.Value with { GradientScale = Tensor.Ones([2]) }, "one element"),
            (good.Update.Value with { GradientScale = Tensor.Ones([1], DType.Float64) }, "Float64"),
            (good.Update.Value with { GradientScale = velocity.Slice(0, 2, 1).Slice(1, 3, 1) }, "the scale of an update must not share elements with the velocity"),
        ];
        foreach ((TileUpdate update, string message) in wrong)
        {
            ShapeException fault = Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition([good with { Update = update }]));
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        }

        TileProduct overlapping = good with
        {
            Result = both.Slice(0, 0, 30).Reshape(6, 5),
            Update = good.Update.Value with { Velocity = both.Slice(0, 29, 30).Reshape(6, 5) },
        };
        Assert.Contains(
            "at 29 and", Assert.Throws<ShapeException>(() => TileData.Host.TilePrecondition([overlapping])).Message, StringComparison.Ordinal);
        Assert.Equal(parameter, good.Result.ToArray<float>());
    }

    private static void CheckUpdates<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        UpdateStep[] steps =
        [
            new(0.1, 0.9),
            new(0.1, 0.9, WeightDecay: 0.2, Dampening: 0.25, Count: 3),
            new(0.1, 0.9, WeightDecay: 0.2, DecoupledDecay: true, Nesterov: true, Count: 3, GradientScale: 0.5),
            new(0.1, WeightDecay: 0.2),
        ];
        TileProduct[] plain = [Product<T>(32, 25, 128), Product<T>(64, 200, 128), Product<T>(10, 40, 16), Product<T>(3, 3, 2)];
        TileProduct[] moving = [.. plain.Zip(steps, static (product, step) => Moving<T>(product with { Scale = 0.5 }, step, 0.75))];
        Tensor sums = Tensor.Zeros([4], plain[0].Gradient.DType);
        Tensor expectedSums = sums.Clone();
        TileData.Host.TilePrecondition([.. plain.Select(static product => product with { Scale = 0.5 })], expectedSums);
        Tensor[] parameters = [.. moving.Select(static product => product.Result.Clone())];
        Tensor[] velocities = [.. moving.Select(static product => product.Update!.Value.Velocity.Clone())];
        for (int i = 0; i < steps.Length; i++)
        {
            TileData.Host.Update(UpdateRule.Momentum, steps[i], parameters[i], plain[i].Result, velocities[i], null, moving[i].Update!.Value.GradientScale);
        }

        // With inner products and without, which take their scratch differently.
        TileProduct[] again = [.. moving.Select(static product => Copy(product))];
        TileData.Host.TilePrecondition(moving, sums);
        TileData.Host.TilePrecondition(again);
        Assert.Equal(expectedSums.ToArray<T>(), sums.ToArray<T>());
        for (int i = 0; i < steps.Length; i++)
        {
            Assert.Equal(parameters[i].ToArray<T>(), moving[i].Result.ToArray<T>());
            Assert.Equal(velocities[i].ToArray<T>(), moving[i].Update!.Value.Velocity.ToArray<T>());
            Assert.Equal(parameters[i].ToArray<T>(), again[i].Result.ToArray<T>());
            Assert.Equal(velocities[i].ToArray<T>(), again[i].Update!.Value.Velocity.ToArray<T>());
        }
    }

    private static TileProduct Copy(in TileProduct product) =>
        product with { Result = product.Result.Clone(), Update = product.Update!.Value with { Velocity = product.Update.Value.Velocity.Clone() } };

    /// <summary>The product as a step of a parameter.</summary>
    private static TileProduct Moving<T>(in TileProduct product, in UpdateStep step, double scale)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor gradient = product.Gradient;
        Tensor parameter = Tensor.From(TileData.Numbers<T>((int)gradient.Length, 31), gradient.Shape);
        Tensor velocity = Tensor.From(TileData.Numbers<T>((int)gradient.Length, 32), gradient.Shape);
        return product with { Result = parameter, Update = new TileUpdate(velocity, step, Tensor.Full([1], scale, gradient.DType)) };
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
