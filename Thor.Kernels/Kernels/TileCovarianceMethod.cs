namespace Thor.Kernels.Kernels;

/// <summary>Kernels for the diagonal tiles of X^T X.</summary>
public enum TileCovarianceMethod
{
    /// <summary>What suits the device and the operands.</summary>
    Automatic,

    /// <summary>GPU: blocks of sums in registers; panels of X go by registers into shared memory.</summary>
    Blocks,

    /// <summary>CUDA: as <see cref="Blocks"/>, with copies that run on while threads multiply where X is stored in rows whose every 4th element is at a multiple of 16 bytes.</summary>
    AsyncBlocks,

    /// <summary>CUDA from compute capability 8.0 on: tensor cores in TF32, with sums in float.</summary>
    TensorFloat32,

    /// <summary>CUDA from compute capability 8.0 on: tensor cores in bfloat16, with sums in float.</summary>
    BFloat16,

    /// <summary>Processor: a part of the rows per thread, in lanes of 16.</summary>
    Lanes,
}
