using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>Placeholder, replaced family by family.</content>
internal sealed unsafe partial class HostBackend
{
    public override void Fill(Tensor y, double value) => throw new NotImplementedException();

    public override void Copy(Tensor x, Tensor y) => throw new NotImplementedException();

    public override void Map(UnaryOperation operation, Tensor x, Tensor y) => throw new NotImplementedException();

    public override void Map(BinaryOperation operation, Tensor a, Tensor b, Tensor y) => throw new NotImplementedException();

    public override void Map(BinaryOperation operation, Tensor a, double b, Tensor y) => throw new NotImplementedException();

    public override void Map(BinaryOperation operation, double a, Tensor b, Tensor y) => throw new NotImplementedException();

    public override void Select(Tensor condition, Tensor a, Tensor b, Tensor y) => throw new NotImplementedException();

    public override void AddScaled(double alpha, Tensor x, Tensor y) => throw new NotImplementedException();

    public override void Reduce(ReduceOperation operation, Tensor x, Tensor y) => throw new NotImplementedException();

    public override void ArgMax(Tensor x, Tensor y) => throw new NotImplementedException();

    public override void OneHot(Tensor ids, Tensor y) => throw new NotImplementedException();

    public override void Gather(Tensor table, Tensor ids, Tensor y) => throw new NotImplementedException();

    public override void ScatterAdd(Tensor ids, Tensor x, Tensor table) => throw new NotImplementedException();

    public override void Update(UpdateRule rule, in UpdateStep step, Tensor parameter, Tensor gradient, Tensor first, Tensor? second) => throw new NotImplementedException();

    public override void Uniform(Tensor y, ulong key, ulong counter) => throw new NotImplementedException();

    public override void Normal(Tensor y, ulong key, ulong counter) => throw new NotImplementedException();

    public override void DropoutMask(Tensor y, double keep, ulong key, ulong counter) => throw new NotImplementedException();
}
