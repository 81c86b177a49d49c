// ProductKernels.Multiply of File0.cs: C = A B for square matrices whose side is a multiple of the tile; a thread computes four neighbours of a row.

struct alignas(16) th_float4
{
    float x, y, z, w;
};

static __device__ __forceinline__ th_float4 th_float4_splat(float value)
{
    return th_float4{value, value, value, value};
}

static __device__ __forceinline__ th_float4 th_float4_fma(th_float4 a, th_float4 b, th_float4 c)
{
    return th_float4{fmaf(a.x, b.x, c.x), fmaf(a.y, b.y, c.y), fmaf(a.z, b.z, c.z), fmaf(a.w, b.w, c.w)};
}

extern "C" __global__ void __launch_bounds__(256, 2) ProductKernels_Multiply(const float* __restrict__ a, const float* __restrict__ b, float* c, int n)
{
    alignas(16) __shared__ float left[thor_tile * thor_tile];
    alignas(16) __shared__ float right[thor_tile * thor_tile * 4];

    int t = thor_tile;
    th_float4* const wide = (th_float4*)right;
    const th_float4* const source = (const th_float4*)b;
    int row = (int)blockIdx.y * t + (int)threadIdx.y;
    int column = (int)blockIdx.x * t + (int)threadIdx.x;
    th_float4 sum = th_float4_splat(0.0f);
    for (int k = 0; k < n; k += t)
    {
        left[(int)threadIdx.y * t + (int)threadIdx.x] = a[(long long)row * (long long)n + (long long)k + (long long)(int)threadIdx.x];
        wide[(int)threadIdx.y * t + (int)threadIdx.x] = source[(k + (int)threadIdx.y) * (n / 4) + column];
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < t; i++)
        {
            sum = th_float4_fma(th_float4_splat(left[(int)threadIdx.y * t + i]), wide[i * t + (int)threadIdx.x], sum);
        }

        __syncthreads();
    }

    ((th_float4*)c)[row * (n / 4) + column] = sum;
}
