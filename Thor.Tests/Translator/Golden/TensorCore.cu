// TensorCoreKernels.Copy of File0.cs: Copies rows by instructions of CUDA, and adds what a register holds.

static __device__ __forceinline__ unsigned int th_shared_address(const void* pointer)
{
    unsigned int address;
    asm("{ .reg .u64 wide; cvta.to.shared.u64 wide, %1; cvt.u32.u64 %0, wide; }" : "=r"(address) : "l"(pointer));
    return address;
}

static __device__ __forceinline__ unsigned long long th_global_address(const void* pointer)
{
    unsigned long long address;
    asm("cvta.to.global.u64 %0, %1;" : "=l"(address) : "l"(pointer));
    return address;
}

static __device__ __forceinline__ void TensorCoreKernels_CopyAsync(float* shared, const float* global_)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :  : "r"(th_shared_address(shared)), "l"(th_global_address(global_)) : "memory");
}

static __device__ __forceinline__ void TensorCoreKernels_Wait(void)
{
    asm volatile("cp.async.wait_all;" :  :  : "memory");
}

static __device__ __forceinline__ int TensorCoreKernels_Bits(float value)
{
    int result;
    asm("mov.b32 %0, %1;" : "=r"(result) : "f"(value));
    return result;
}

static __device__ __forceinline__ void TensorCoreKernels_Add(int bits, float* sum, float* rest)
{
    asm("{ .reg .f32 x; mov.b32 x, %2; add.rn.f32 %0, %0, x; add.rn.f32 %1, %1, x; }" : "+f"(*sum), "+f"(*rest) : "r"(bits));
}

extern "C" __global__ void __launch_bounds__(32) TensorCoreKernels_Copy(const float* __restrict__ source, float* target)
{
    alignas(16) __shared__ float shared[128];

    alignas(16) float sums[2];
    int lane = (int)threadIdx.x;
    TensorCoreKernels_CopyAsync(shared + (long long)(4 * lane), source + (long long)(4 * lane));
    TensorCoreKernels_Wait();
    __syncthreads();
    sums[0] = shared[lane];
    sums[1] = 0.0f;
    TensorCoreKernels_Add(TensorCoreKernels_Bits(shared[lane + 32]), &sums[0], &sums[1]);
    target[lane] = sums[0] + sums[1];
}
