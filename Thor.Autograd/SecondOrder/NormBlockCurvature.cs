using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>Weight and bias of a batch norm or layer norm: one block of 2 x 2 for each channel, which is all of F that joins the two.</summary>
/// <remarks>
/// With n the normalised input, a sample's gradient of channel c is s = (sum over positions of g n, sum of g), and F_c is the mean over
/// samples of s s^T, without any approximation by a product. lambda is added to its diagonal. The blocks are one factor in tiles of 2.
/// </remarks>
public sealed class NormBlockCurvature : LayerCurvature
{
    private const int Block = 2;

    private readonly double _epsilon;
    private readonly EigenScaling? _scaling;
    private readonly Tensor _one;
    private Tensor? _pairs;
    private Tensor? _weightDirection;
    private Tensor? _biasDirection;

    internal NormBlockCurvature(string name, CurvatureLayer layer, double epsilon, KroneckerOptions options)
        : base(name, layer, options)
    {
        _epsilon = epsilon;
        Factors = [new KroneckerFactor(name, $"{name}.F", FactorSide.Output, Block * layer.Weight.Shape[0], Block)];
        Tensor weight = layer.Weight.Value;
        _one = Tensor.Ones([1], weight.DType, weight.Device).Persist();
        _scaling = options.DampingSplit == DampingSplit.Exact ? new EigenScaling(Factors[0].Dimension, 1, weight) : null;
    }

    /// <inheritdoc/>
    private protected override bool HasOutputFactor => true;

    /// <inheritdoc/>
    internal override Observation Look(Tensor input, Tensor gradient, GradientScale scale, bool isFirst) =>
        base.Look(Normalised(input), gradient, scale, isFirst); // by all samples, also where only some are looked at

    /// <inheritdoc/>
    internal override void Damp(double lambda, ReadOnlySpan<double> means) => Factors[0].Damping = lambda;

    /// <inheritdoc/>
    internal override Tensor? Moments => _scaling?.Moments;

    /// <inheritdoc/>
    internal override void ResetMoments() => _scaling?.Reset(0, Factors[0].Eigenvalues, _one, 1);

    /// <inheritdoc/>
    internal override void Precondition(PreconditioningPass pass)
    {
        if (Layer.Weight.Gradient is not Tensor weight || Layer.Bias?.Gradient is not Tensor bias)
        {
            return;
        }

        Tensor gradient = Tensor.Concatenate([weight.Unsqueeze(1), bias.Unsqueeze(1)], 1).Reshape(-1, 1);
        _pairs ??= gradient.EmptyLike(gradient.Shape).Persist();
        _weightDirection ??= weight.EmptyLike(weight.Shape).Persist();
        _biasDirection ??= bias.EmptyLike(bias.Shape).Persist();
        if (_scaling is null)
        {
            pass.Add(new TileProduct(Factors[0].Inverse, _one, Block, gradient, _pairs));
        }
        else
        {
            double lambda = pass.Lambda;
            pass.Rotate(
                new TileProduct(Factors[0].Inverse, _one, Block, gradient, _scaling.Projected),
                () => _scaling.Apply(lambda, Options.MomentDecay, BatchSize),
                new TileProduct(Factors[0].Transposed, _one, Block, _scaling.Projected, _pairs));
            pass.Add(_pairs, gradient);
        }

        pass.AfterProducts(() =>
        {
            Tensor pairs = _pairs.Reshape(-1, Block);
            _weightDirection.CopyFrom(pairs.Select(1, 0));
            _biasDirection.CopyFrom(pairs.Select(1, 1));
        });
        pass.Direct(Layer.Weight, _weightDirection);
        pass.Direct(Layer.Bias, _biasDirection);
    }

    /// <inheritdoc/>
    internal override void Release()
    {
        base.Release();
        _one.Dispose();
        _scaling?.Dispose();
        _pairs?.Dispose();
        _weightDirection?.Dispose();
        _biasDirection?.Dispose();
    }

    /// <inheritdoc/>
    private protected override long Rows(in Observation observation) => observation.Samples;

    /// <inheritdoc/>
    private protected override void GatherInput(in Observation observation, double weight, double keep)
    {
        // There is no factor of the input alone.
    }

    /// <inheritdoc/>
    private protected override void GatherOutput(in Observation observation, double weight, double keep)
    {
        Tensor ofWeight = SumOverPositions(observation.Gradient * observation.Input);
        Tensor ofBias = SumOverPositions(observation.Gradient);
        Tensor mixed = Mean(ofWeight, ofBias);
        Tensor blocks = Tensor.Concatenate([Mean(ofWeight, ofWeight), mixed, mixed, Mean(ofBias, ofBias)], 1);
        Factors[0].Gather(blocks.Reshape(-1).MapInPlace(BinaryOperation.Multiply, weight * observation.Scale * observation.Scale), keep);

        static Tensor Mean(Tensor a, Tensor b) => (a * b).Mean(0).Unsqueeze(1);
    }

    private Tensor Normalised(Tensor input)
    {
        Tensor ones = Tensor.Ones(Layer.Weight.Shape, input.DType, input.Device);
        Tensor zeros = Tensor.Zeros(Layer.Weight.Shape, input.DType, input.Device);
        return Layer is BatchNorm2d
            ? input.BatchNorm(ones, zeros, _epsilon, out _, out _)
            : input.LayerNorm(ones, zeros, _epsilon, out _, out _);
    }

    /// <summary>(samples, channels).</summary>
    private Tensor SumOverPositions(Tensor values) => Layer is BatchNorm2d
        ? values.Sum(2, 3)
        : values.Contiguous().Reshape(values.Shape[0], -1, values.Shape[-1]).Sum(1);
}
