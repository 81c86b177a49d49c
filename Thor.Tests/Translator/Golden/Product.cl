// ProductKernels.Multiply of File0.cs: C = A B for square matrices whose side is a multiple of the tile; a thread computes four neighbours of a row.
#pragma OPENCL FP_CONTRACT OFF

__kernel void ProductKernels_Multiply(__global const float* restrict a_base, const long a_offset, __global const float* restrict b_base, const long b_offset, __global float* c_base, const long c_offset, int n)
{
    __global const float* const a = a_base + a_offset;
    __global const float* const b = b_base + b_offset;
    __global float* const c = c_base + c_offset;

    __local float left[thor_tile * thor_tile] __attribute__((aligned(16)));
    __local float right[thor_tile * thor_tile * 4] __attribute__((aligned(16)));

    int t = thor_tile;
    __local float4* const wide = (__local float4*)right;
    __global const float4* const source = (__global const float4*)b;
    int row = (int)get_group_id(1) * t + (int)get_local_id(1);
    int column = (int)get_group_id(0) * t + (int)get_local_id(0);
    float4 sum = (float4)(0.0f);
    for (int k = 0; k < n; k += t)
    {
        left[(int)get_local_id(1) * t + (int)get_local_id(0)] = a[(long)row * (long)n + (long)k + (long)(int)get_local_id(0)];
        wide[(int)get_local_id(1) * t + (int)get_local_id(0)] = source[(k + (int)get_local_id(1)) * (n / 4) + column];
        barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
        #pragma unroll
        for (int i = 0; i < t; i++)
        {
            sum = fma((float4)(left[(int)get_local_id(1) * t + i]), wide[i * t + (int)get_local_id(0)], sum);
        }

        barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    }

    ((__global float4*)c)[row * (n / 4) + column] = sum;
}
