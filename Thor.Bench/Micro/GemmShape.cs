using Thor.Bench.Peers;
using Thor.Engine;

namespace Thor.Bench.Micro;

/// <summary>A matrix product: c (m, n) = op(a) op(b) with inner extent k, for each of so many batches.</summary>
internal sealed record GemmShape(string Name, int M, int N, int K, bool TransposeA = false, bool TransposeB = false, int Batches = 1)
{
    /// <summary>Squares, and what a training step of the models makes of its layers: forward, gradient of the input, gradient of the weight.</summary>
    public static IReadOnlyList<GemmShape> All { get; } =
    [
        .. new[] { 256, 512, 768, 1024, 1536, 2048 }.Select(static n => new GemmShape("square", n, n, n)),
        .. Dense("lenet", 128, 3136, 512),
        .. Dense("lenet", 128, 512, 10),
        .. Dense("mlp", 256, 784, 512),
        .. Dense("mlp", 256, 512, 512),
        .. Patches(16, 1024, 144),
        .. Patches(32, 256, 288),
        .. Patches(64, 64, 576),
        .. Dense("encoder", 4096, 128, 128),
        .. Dense("encoder", 4096, 128, 384),
        .. Dense("encoder", 4096, 128, 512),
        .. Dense("encoder", 4096, 512, 128),
        .. Dense("encoder", 4096, 128, 1000),
        new("encoder scores", 128, 128, 64, TransposeB: true, Batches: 64),
        new("encoder scores to queries", 128, 64, 128, Batches: 64),
        new("encoder scores to keys", 128, 64, 128, TransposeA: true, Batches: 64),
        new("encoder values", 128, 64, 128, Batches: 64),
        new("encoder values to weights", 128, 128, 64, TransposeB: true, Batches: 64),
        new("encoder values to values", 128, 64, 128, TransposeA: true, Batches: 64),
    ];

    /// <summary>Floating-point operations.</summary>
    public double Operations => 2.0 * Batches * M * N * K;

    public override string ToString()
    {
        string batches = Batches == 1 ? string.Empty : $"{Batches} x ";
        return $"gemm {Name} {batches}{M}x{N}x{K} {(TransposeA ? 'T' : 'N')}{(TransposeB ? 'T' : 'N')}";
    }

    /// <summary>The product by OpenBLAS, on contiguous operands as they are stored, before any transposition.</summary>
    public unsafe void MultiplyByPeer(Tensor a, Tensor b, Tensor c)
    {
        for (long i = 0; i < Batches; i++)
        {
            OpenBlas.Multiply(
                PeerProduct.Pointer(a) + (i * M * K),
                PeerProduct.Pointer(b) + (i * K * N),
                PeerProduct.Pointer(c) + (i * M * N),
                M,
                N,
                K,
                TransposeA,
                TransposeB);
        }
    }

    private static GemmShape[] Dense(string model, int rows, int inputs, int outputs) =>
    [
        new($"{model} forward", rows, outputs, inputs, TransposeB: true),
        new($"{model} input gradient", rows, inputs, outputs),
        new($"{model} weight gradient", outputs, inputs, rows, TransposeA: true),
    ];

    /// <summary>A convolution over the unrolled patches of one image, for eight images.</summary>
    private static GemmShape[] Patches(int outputs, int positions, int inputs) =>
    [
        new("resnet20 patches", outputs, positions, inputs, Batches: 8),
        new("resnet20 patches gradient", inputs, positions, outputs, TransposeA: true, Batches: 8),
        new("resnet20 patches weight gradient", outputs, inputs, positions, TransposeB: true, Batches: 8),
    ];
}
