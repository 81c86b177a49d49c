namespace Thor.Engine.Backends;

/// <content>Placeholder, replaced family by family.</content>
internal sealed unsafe partial class HostBackend
{
    public override void MatMul(Tensor a, Tensor b, Tensor c, double alpha = 1, double beta = 0, Tensor? bias = null) => throw new NotImplementedException();
}
