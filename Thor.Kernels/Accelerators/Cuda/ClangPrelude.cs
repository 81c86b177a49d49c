namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>
/// What stands in front of CUDA C for a clang that has no CUDA installation beside it: the words of the language that NVIDIA's
/// headers define, and the functions of C that are one instruction. The names of the launch (threadIdx and so on) come with clang.
/// </summary>
public static class ClangPrelude
{
    /// <summary>The text.</summary>
    public const string Text = """
        #define __global__ __attribute__((global))
        #define __device__ __attribute__((device))
        #define __host__ __attribute__((host))
        #define __shared__ __attribute__((shared))
        #define __constant__ __attribute__((constant))
        #define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
        #define __forceinline__ inline __attribute__((always_inline))
        #define __noinline__ __attribute__((noinline))
        #include <__clang_cuda_builtin_vars.h>
        #define sqrtf(x) __builtin_sqrtf(x)
        #define fabsf(x) __builtin_fabsf(x)
        #define floorf(x) __builtin_floorf(x)
        #define ceilf(x) __builtin_ceilf(x)
        #define truncf(x) __builtin_truncf(x)
        #define rintf(x) __builtin_rintf(x)
        #define fmaf(a, b, c) __builtin_fmaf(a, b, c)
        #define fmaxf(a, b) __builtin_fmaxf(a, b)
        #define fminf(a, b) __builtin_fminf(a, b)
        #define copysignf(a, b) __builtin_copysignf(a, b)
        #define __float_as_int(x) __builtin_bit_cast(int, (float)(x))
        #define __float_as_uint(x) __builtin_bit_cast(unsigned int, (float)(x))
        #define __int_as_float(x) __builtin_bit_cast(float, (int)(x))
        #define __uint_as_float(x) __builtin_bit_cast(float, (unsigned int)(x))

        """;
}
