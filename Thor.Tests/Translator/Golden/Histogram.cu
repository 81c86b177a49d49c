// HistogramKernels.Count of File0.cs: Counts words by their leading zeros, and the largest of them by warps.

static __device__ __forceinline__ int th_linear_index()
{
    return (int)((threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x);
}

static __device__ __forceinline__ int th_leading_zeros(unsigned int x)
{
    int count;
    asm("clz.b32 %0, %1;" : "=r"(count) : "r"(x));
    return count;
}

static __device__ __forceinline__ int th_atomic_add_int(int* target, int value)
{
    int before;
    asm volatile("atom.add.s32 %0, [%1], %2;" : "=r"(before) : "l"(target), "r"(value) : "memory");
    return before;
}

static __device__ __forceinline__ int th_shuffle(int bits, int source)
{
    int own = th_linear_index();
    int size = (int)(blockDim.x * blockDim.y * blockDim.z);
    int result;
    asm volatile("shfl.sync.idx.b32 %0, %1, %2, 31, 0xffffffff;" : "=r"(result) : "r"(bits), "r"(source));
    return (unsigned int)source < 32u && (own & ~31) + source < size ? result : bits;
}

static __device__ __forceinline__ int th_max_int(int a, int b)
{
    return a > b ? a : b;
}

static __device__ __forceinline__ float th_atomic_add(float* target, float value)
{
    float before;
    asm volatile("atom.add.f32 %0, [%1], %2;" : "=f"(before) : "l"(target), "f"(value) : "memory");
    return before;
}

static __device__ __forceinline__ void HistogramKernels_Clear(int* view, int length_)
{
    int i = 0;
    do
    {
        view[i] = 0;
        i++;
    } while (i < length_);
}

static __device__ __forceinline__ void HistogramKernels_Larger(int* best, int candidate, bool* changed)
{
    *changed = candidate > *best;
    *best = *changed ? candidate : *best;
}

extern "C" __global__ void __launch_bounds__(128) HistogramKernels_Count(const unsigned int* __restrict__ words, long long words_length, int* counts, float* largest)
{
    alignas(128) extern __shared__ unsigned char th_dynamic[];
    int* const local_ = (int*)th_dynamic;
    if (th_linear_index() == 0)
    {
        HistogramKernels_Clear(local_, 33);
    }

    __syncthreads();
    int best = -1;
    for (int i = (int)blockIdx.x * (int)blockDim.x + (int)threadIdx.x; i < (int)words_length; i += (int)gridDim.x * (int)blockDim.x)
    {
        int zeros = th_leading_zeros(words[i]);
        th_atomic_add_int(&local_[zeros], 1);
        bool th_value1;
        HistogramKernels_Larger(&best, zeros, &th_value1);
    }

    asm volatile("membar.cta;" : : : "memory");
    #pragma unroll
    for (int delta = 16; delta > 0; delta >>= 1)
    {
        int other = th_shuffle(best, th_linear_index() % 32 + (delta));
        best = th_max_int(best, other);
    }

    __syncthreads();
    if ((int)threadIdx.x < 33)
    {
        th_atomic_add_int(&counts[(int)threadIdx.x], local_[(int)threadIdx.x]);
    }

    if (th_linear_index() % 32 == 0)
    {
        th_atomic_add(&largest[0], (float)best);
    }
}
