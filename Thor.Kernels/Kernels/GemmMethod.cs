namespace Thor.Kernels.Kernels;

/// <summary>The kernels that a matrix product can run on.</summary>
public enum GemmMethod
{
    /// <summary>Shared memory, any device.</summary>
    Tiled,

    /// <summary>Shared memory with asynchronous copies; CUDA from compute capability 8.0 on.</summary>
    Async,

    /// <summary>Tensor cores in TF32; CUDA from compute capability 8.0 on.</summary>
    TensorFloat32,

    /// <summary>Tensor cores in bfloat16; CUDA from compute capability 8.0 on.</summary>
    BFloat16,

    /// <summary>Packed operands and vectors of 16 columns; processors.</summary>
    Panels,

    /// <summary>Vectors of 16 columns without packing; processors.</summary>
    Direct,
}
