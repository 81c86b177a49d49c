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

    public override void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TilePatchCovariance( Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles) => throw new NotSupportedException();

    public override void TileInverse(Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status) => throw new NotSupportedException();

    public override void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null) => throw new NotSupportedException();
}
