using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Primitives whose kernels are still to come.</content>
internal sealed partial class AcceleratorBackend
{
    public override void Fill(Tensor y, double value) => throw new NotSupportedException();

    public override void Copy(Tensor x, Tensor y) => throw new NotSupportedException();

    public override void Map(UnaryOperation operation, Tensor x, Tensor y) => throw new NotSupportedException();

    public override void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y) => throw new NotSupportedException();

    public override void Map(BinaryOperation operation, Tensor a, double b, Tensor y) => throw new NotSupportedException();

    public override void Map(BinaryOperation operation, double a, Tensor b, Tensor y) => throw new NotSupportedException();

    public override void Select(Tensor condition, Tensor a, Tensor b, Tensor y) => throw new NotSupportedException();

    public override void AddScaled(double alpha, Tensor x, Tensor y) => throw new NotSupportedException();

    public override void Reduce(ReduceOperation operation, Tensor x, Tensor y) => throw new NotSupportedException();

    public override void ArgMax(Tensor x, Tensor y) => throw new NotSupportedException();

    public override void OneHot(Tensor ids, Tensor y) => throw new NotSupportedException();

    public override void Gather(Tensor table, Tensor ids, Tensor y) => throw new NotSupportedException();

    public override void ScatterAdd(Tensor ids, Tensor x, Tensor table) => throw new NotSupportedException();

    public override void Update( UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second, Tensor? gradientScale = null) => throw new NotSupportedException();

    public override void Uniform(Tensor y, ulong key, ulong counter) => throw new NotSupportedException();

    public override void Normal(Tensor y, ulong key, ulong counter) => throw new NotSupportedException();

    public override void DropoutMask(Tensor y, double keep, ulong key, ulong counter) => throw new NotSupportedException();

    public override void Softmax(Tensor x, Tensor y) => throw new NotSupportedException();

    public override void LogSoftmax(Tensor x, Tensor y) => throw new NotSupportedException();

    public override void SoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) => throw new NotSupportedException();

    public override void LogSoftmaxGradient(Tensor y, Tensor gradient, Tensor dx) => throw new NotSupportedException();

    public override void CrossEntropy( Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor losses, Tensor logNormalizers) => throw new NotSupportedException();

    public override void CrossEntropyGradient( Tensor logits, Tensor labels, double smoothing, int ignoredLabel, Tensor logNormalizers, Tensor rowGradient, Tensor dlogits) => throw new NotSupportedException();

    public override void Convolve(Tensor x, Tensor w, Tensor? bias, Tensor y, in Convolution2d geometry) => throw new NotSupportedException();

    public override void ConvolveInputGradient(Tensor dy, Tensor w, Tensor dx, in Convolution2d geometry) => throw new NotSupportedException();

    public override void ConvolveWeightGradient(Tensor x, Tensor dy, Tensor dw, in Convolution2d geometry) => throw new NotSupportedException();

    public override void MaxPool(Tensor x, Tensor y, Tensor indices, in Pooling2d geometry) => throw new NotSupportedException();

    public override void MaxPoolScatter(Tensor gradient, Tensor indices, Tensor dx) => throw new NotSupportedException();

    public override void MaxPoolGather(Tensor x, Tensor indices, Tensor y) => throw new NotSupportedException();

    public override void AveragePool(Tensor x, Tensor y, in Pooling2d geometry) => throw new NotSupportedException();

    public override void AveragePoolGradient(Tensor gradient, Tensor dx, in Pooling2d geometry) => throw new NotSupportedException();

    public override void BatchNorm( Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) => throw new NotSupportedException();

    public override void BatchNormGradient( Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) => throw new NotSupportedException();

    public override void ChannelAffine(Tensor x, Tensor scale, Tensor shift, Tensor y) => throw new NotSupportedException();

    public override void LayerNorm( Tensor x, Tensor weight, Tensor bias, double epsilon, Tensor y, Tensor mean, Tensor inverseDeviation) => throw new NotSupportedException();

    public override void LayerNormGradient( Tensor x, Tensor gradient, Tensor weight, Tensor mean, Tensor inverseDeviation, Tensor dx, Tensor dWeight, Tensor dBias) => throw new NotSupportedException();

    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TilePatchCovariance( Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TileInverse(Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status) => throw new NotSupportedException();

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null) => throw new NotSupportedException();
}
