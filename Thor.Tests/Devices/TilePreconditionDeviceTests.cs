using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Kernels;
using Thor.Tests.Kernels;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Preconditioning of gradient blocks by every kernel that a kind of device can run.</summary>
public sealed class TilePreconditionDeviceTests
{
    /// <summary>Kinds of device with the kernels that make sense on them.</summary>
    public static TheoryData<string, TilePreconditionMethod> Methods
    {
        get
        {
            TheoryData<string, TilePreconditionMethod> cases = [];
            foreach ((string kind, bool lanes) in TestDevices.KindsAndFlavours.Select(static row => row.Data))
            {
                cases.Add(kind, lanes ? TilePreconditionMethod.Lanes : TilePreconditionMethod.Layers);
                if (!lanes && kind is ("cpu" or "cuda"))
                {
                    cases.Add(kind, TilePreconditionMethod.Fused);
                }
            }

            return cases;
        }
    }

    private static readonly (int Rows, int Columns, int TileSize)[] s_shapes =
    [
        (1, 1, 128), (32, 25, 128), (10, 40, 16), (3, 3, 2), (140, 76, 128), (16, 144, 64), (33, 5, 1), (131, 20, 512),
    ];

    private static readonly UpdateStep?[] s_steps =
    [
        new(0.1, 0.9),
        new(0.1, 0.9, WeightDecay: 0.2, Dampening: 0.25, Count: 3),
        null,
        new(0.1, 0.9, WeightDecay: 0.2, DecoupledDecay: true, Nesterov: true, Count: 3, GradientScale: 0.5),
        new(0.1, WeightDecay: 0.2),
    ];

    /// <summary>The shapes of a method: one launch for all does not take the last, whose tile is larger than 128.</summary>
    private static (int Rows, int Columns, int TileSize)[] Shapes(TilePreconditionMethod method) =>
        method == TilePreconditionMethod.Fused ? s_shapes[..^1] : s_shapes;

    [Theory, MemberData(nameof(Methods))]
    public void Precondition_ManyLayers_MatchesFloat64(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        (int Rows, int Columns, int TileSize)[] shapes = Shapes(method);
        using Layers layers = new(device, shapes, whole: false);
        using MemoryBuffer<float> sums = device.Allocate<float>(shapes.Length);
        TilePreconditionLaunch.Apply(device.Stream, layers.Views, sums.View, null, method);
        float[] innerProducts = sums.ToArray();
        for (int i = 0; i < shapes.Length; i++)
        {
            (int rows, int columns, int tileSize) = shapes[i];
            double[] expected = TileData.Precondition(layers.Left[i], layers.Right[i], layers.Gradients[i], rows, columns, tileSize);
            for (int e = 0; e < expected.Length; e++)
            {
                expected[e] *= 0.5;
            }

            float[] actual = layers.Result(i);
            TileData.Near(expected, (ReadOnlySpan<float>)actual, 2 * tileSize);
            double product = 0;
            double magnitude = 0;
            for (int e = 0; e < actual.Length; e++)
            {
                product += (double)actual[e] * layers.Gradients[i][e];
                magnitude += Math.Abs((double)actual[e] * layers.Gradients[i][e]);
            }

            Assert.Equal(product, innerProducts[i], 1e-6 * magnitude);
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Precondition_OfIntegers_IsExact(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        (int Rows, int Columns, int TileSize)[] shapes = Shapes(method);
        using Layers layers = new(device, shapes, whole: true);
        TilePreconditionLaunch.Apply(device.Stream, layers.Views, ArrayView<float>.Empty, null, method);
        for (int i = 0; i < shapes.Length; i++)
        {
            (int rows, int columns, int tileSize) = shapes[i];
            double[] expected = TileData.Precondition(layers.Left[i], layers.Right[i], layers.Gradients[i], rows, columns, tileSize);
            Assert.Equal(expected.Select(static value => (float)(0.5 * value)), layers.Result(i));
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Precondition_NoLayers_DoesNothing(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        TilePreconditionLaunch.Apply(device.Stream, [], ArrayView<float>.Empty, null, method);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Precondition_WithUpdates_ChangesWhatThePlainProductAndTheUpdateAfterItWould(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        (int Rows, int Columns, int TileSize)[] shapes = Shapes(method);
        using Layers layers = new(device, shapes, whole: false);
        using Layers moved = new(device, shapes, whole: false);
        using MemoryBuffer<float> scale = device.Allocate([0.75f]);
        using MemoryBuffer<float> sums = device.Allocate<float>(shapes.Length);
        TilePreconditionLaunch.Apply(device.Stream, layers.Views, sums.View, null, method);
        float[] innerProducts = sums.ToArray();
        TilePreconditionLayerViews[] views = moved.Views;
        List<MemoryBuffer<float>> expected = [];
        List<MemoryBuffer<float>> actual = [];
        for (int i = 0; i < shapes.Length; i++)
        {
            // Some alike, some not, one without any.
            UpdateStep? step = s_steps[i * s_steps.Length / shapes.Length];
            ArrayView<float> factor = i % 3 == 2 ? scale.View : default;
            float[] parameter = TileData.Numbers<float>(shapes[i].Rows * shapes[i].Columns, 31);
            float[] velocity = TileData.Numbers<float>(parameter.Length, 32);
            if (step is UpdateStep numbers)
            {
                expected.AddRange([device.Allocate(parameter), device.Allocate(velocity)]);
                actual.AddRange([device.Allocate(parameter), device.Allocate(velocity)]);
                UpdateLaunch.Update(
                    device.Stream, UpdateRule.Momentum, numbers, expected[^2].View, layers.Views[i].Result, expected[^1].View, default, factor);
                views[i] = views[i] with { Update = step, Result = actual[^2].View, Velocity = actual[^1].View, UpdateScale = factor };
            }
        }

        sums.Clear();
        TilePreconditionLaunch.Apply(device.Stream, views, sums.View, null, method);
        Assert.Equal(innerProducts, sums.ToArray());
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First.ToArray(), pair.Second.ToArray()));
        int plain = Array.FindIndex(views, static view => view.Update is null);
        Assert.Equal(layers.Result(plain), moved.Result(plain));
        foreach (MemoryBuffer<float> buffer in expected.Concat(actual))
        {
            buffer.Dispose();
        }
    }

    [Theory, MemberData(nameof(Methods))]
    public void Precondition_UpdateScaledByNaN_ChangesNothing(string kind, TilePreconditionMethod method)
    {
        Accelerator device = TestDevices.Require(kind);
        using Layers layers = new(device, [(20, 30, 16)], whole: false);
        float[] start = TileData.Numbers<float>(600, 31);
        using MemoryBuffer<float> parameter = device.Allocate(start);
        using MemoryBuffer<float> velocity = device.Allocate(start);
        using MemoryBuffer<float> scale = device.Allocate([float.NaN]);
        TilePreconditionLayerViews layer = layers.Views[0] with
        {
            Result = parameter.View,
            Update = new UpdateStep(0.1, 0.9),
            Velocity = velocity.View,
            UpdateScale = scale.View,
        };
        TilePreconditionLaunch.Apply(device.Stream, [layer], ArrayView<float>.Empty, null, method);
        Assert.Equal(start, parameter.ToArray());
        Assert.Equal(start, velocity.ToArray());
    }

    /// <summary>Operands of layers on a device.</summary>
    internal sealed class Layers : IDisposable
    {
        private readonly List<MemoryBuffer<float>> _buffers = [];
        private readonly List<MemoryBuffer<float>> _results = [];

        public Layers(Accelerator device, (int Rows, int Columns, int TileSize)[] shapes, bool whole)
        {
            List<TilePreconditionLayerViews> views = [];
            foreach ((int rows, int columns, int tileSize) in shapes)
            {
                Left.Add(Scaled(TileData.SymmetricTiles<float>(rows, tileSize, 21), whole));
                Right.Add(Scaled(TileData.SymmetricTiles<float>(columns, tileSize, 22), whole));
                Gradients.Add(Scaled(TileData.Numbers<float>(rows * columns, 23), whole));
                _results.Add(Keep(device.Allocate<float>(rows * columns)));
                views.Add(new TilePreconditionLayerViews(
                    Keep(device.Allocate(Left[^1])).View,
                    Keep(device.Allocate(Right[^1])).View,
                    Keep(device.Allocate(Gradients[^1])).View,
                    _results[^1].View,
                    rows,
                    columns,
                    tileSize,
                    0.5f));
            }

            Views = [.. views];
        }

        public TilePreconditionLayerViews[] Views { get; }

        public List<float[]> Left { get; } = [];

        public List<float[]> Right { get; } = [];

        public List<float[]> Gradients { get; } = [];

        public float[] Result(int layer) => _results[layer].ToArray();

        public void Dispose()
        {
            foreach (MemoryBuffer<float> buffer in _buffers)
            {
                buffer.Dispose();
            }
        }

        /// <summary>Whole numbers from -3 to 3 where they are wanted.</summary>
        private static float[] Scaled(float[] numbers, bool whole) => whole ? [.. numbers.Select(static value => MathF.Round(3 * value))] : numbers;

        private MemoryBuffer<float> Keep(MemoryBuffer<float> buffer)
        {
            _buffers.Add(buffer);
            return buffer;
        }
    }
}
