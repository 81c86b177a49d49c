namespace Thor.Kernels;

/// <summary>What the operands of a float matrix product, or of a covariance, may be rounded to. Sums are of float in every case.</summary>
public enum MatMulPrecision
{
    /// <summary>Nothing: products of floats.</summary>
    Float32,

    /// <summary>TF32, 10 bits of mantissa, where the device has tensor cores for it: each operand is within 0.64 2^-10 of itself, a product of two within 1.3 2^-10 of the exact one.</summary>
    TensorFloat32,

    /// <summary>bfloat16, 7 bits of mantissa, where the device has tensor cores for it: each product of two numbers is within 2^-7 of the exact one.</summary>
    BFloat16,
}
