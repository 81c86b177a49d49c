using System.Runtime.Intrinsics.X86;
using Thor.Bench.Micro;
using Thor.Bench.Peers;
using Thor.Engine;
using Thor.Engine.Memory;
using Thor.Engine.RandomNumbers;
using Xunit;

namespace Thor.Tests.Bench;

public sealed unsafe class OpenBlasTests
{
    [Fact]
    public void Core_OfAProcessorWithWideVectors_IsNotTheFallback()
    {
        Assert.SkipUnless(OpenBlas.IsAvailable, OpenBlas.Missing ?? string.Empty);
        Assert.SkipUnless(Avx2.IsSupported, "This processor has no wide vectors.");
        Assert.SkipWhen(Environment.GetEnvironmentVariable("OPENBLAS_CORETYPE") is not null, "OPENBLAS_CORETYPE is set.");
        Assert.DoesNotContain(OpenBlas.Core, (string[])["Prescott", "Nehalem", "Sandybridge", string.Empty]);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Multiply_Peer_AgreesWithMatMul(bool transposeA, bool transposeB)
    {
        Assert.SkipUnless(OpenBlas.IsAvailable, OpenBlas.Missing ?? string.Empty);
        using TensorScope scope = TensorScope.Begin();
        RandomStream random = new(3);
        Tensor a = random.Normal(transposeA ? [7, 5] : [5, 7]);
        Tensor b = random.Normal(transposeB ? [9, 7] : [7, 9]);
        Tensor c = Tensor.Zeros([5, 9]);
        OpenBlas.Multiply(PeerProduct.Pointer(a), PeerProduct.Pointer(b), PeerProduct.Pointer(c), 5, 9, 7, transposeA, transposeB);

        float[] expected = (transposeA ? a.Transpose() : a).MatMul(transposeB ? b.Transpose() : b).ToArray<float>();
        float[] actual = c.ToArray<float>();
        for (int i = 0; i < expected.Length; i++)
        {
            // Seven products of numbers around 1, each sum rounded its own way.
            Assert.Equal(expected[i], actual[i], 1e-5f);
        }
    }
}
