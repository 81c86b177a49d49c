using Thor.Engine;
using Thor.Engine.Datasets;
using Thor.Engine.RandomNumbers;

namespace Thor.Tests.Autograd.Training;

/// <summary>Points of two interleaved half circles, made in memory: a small task that is not linear.</summary>
internal sealed class TwoMoons : DatasetPart
{
    private readonly float[] _points;
    private readonly float _poison;

    /// <param name="count">Number of points.</param>
    /// <param name="seed">Of their noise.</param>
    /// <param name="poison">A value written into every point after the first hundred, to break training; 0 for none.</param>
    public TwoMoons(int count, ulong seed, float poison = 0)
        : base(count, [2], DType.Float32, Shape.Scalar, DType.Int32, 2)
    {
        RandomStream random = new(seed);
        _points = new float[2 * count];
        _poison = poison;
        for (int i = 0; i < count; i++)
        {
            double angle = Math.PI * random.NextDouble();
            bool upper = i % 2 == 0;
            _points[2 * i] = (float)((upper ? Math.Cos(angle) : 1 - Math.Cos(angle)) + (0.1 * (random.NextDouble() - 0.5)));
            _points[(2 * i) + 1] = (float)((upper ? Math.Sin(angle) : 0.5 - Math.Sin(angle)) + (0.1 * (random.NextDouble() - 0.5)));
        }
    }

    public static Dataset Create(float poison = 0) => new("two-moons", new TwoMoons(400, 1, poison), new TwoMoons(100, 2));

    public override void Fill(ReadOnlySpan<int> samples, in SampleDraw draw, Tensor inputs, Tensor labels)
    {
        Span<float> points = inputs.AsSpan<float>();
        Span<int> classes = labels.AsSpan<int>();
        for (int i = 0; i < samples.Length; i++)
        {
            points[2 * i] = _poison != 0 && samples[i] >= 100 ? _poison : _points[2 * samples[i]];
            points[(2 * i) + 1] = _points[(2 * samples[i]) + 1];
            classes[i] = samples[i] % 2;
        }
    }
}
