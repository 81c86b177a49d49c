// HistogramKernels.Count of File0.cs: Counts words by their leading zeros, and the largest of them by warps.
#pragma OPENCL FP_CONTRACT OFF

static int th_linear_index(void)
{
    return (int)((get_local_id(2) * get_local_size(1) + get_local_id(1)) * get_local_size(0) + get_local_id(0));
}

static int th_shuffle(__local int* exchange, int bits, int source)
{
    int own = th_linear_index();
    int size = (int)(get_local_size(0) * get_local_size(1) * get_local_size(2));
    int from = (own & ~31) + source;
    exchange[own] = bits;
    barrier(CLK_LOCAL_MEM_FENCE);
    int result = exchange[(uint)source < 32u && from < size ? from : own];
    barrier(CLK_LOCAL_MEM_FENCE);
    return result;
}

static float th_atomic_add_global(volatile __global float* target, float value)
{
    volatile __global int* bits = (volatile __global int*)target;
    int seen = *bits;
    int before;
    do
    {
        before = seen;
        seen = atomic_cmpxchg(bits, before, as_int(as_float(before) + value));
    } while (seen != before);
    return as_float(before);
}

static void HistogramKernels_Clear(__local int* view, int length_)
{
    int i = 0;
    do
    {
        view[i] = 0;
        i++;
    } while (i < length_);
}

static void HistogramKernels_Larger(int* best, int candidate, bool* changed)
{
    *changed = candidate > *best;
    *best = *changed ? candidate : *best;
}

__kernel void HistogramKernels_Count(__global const uint* restrict words_base, const long words_offset, const long words_length, __global int* counts_base, const long counts_offset, __global float* largest_base, const long largest_offset, __local float16* th_dynamic)
{
    __global const uint* const words = words_base + words_offset;
    __global int* const counts = counts_base + counts_offset;
    __global float* const largest = largest_base + largest_offset;
    __local int th_exchange[128];

    __local int* const local_ = (__local int*)th_dynamic;
    if (th_linear_index() == 0)
    {
        HistogramKernels_Clear(local_, 33);
    }

    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    int best = -1;
    for (int i = (int)get_group_id(0) * (int)get_local_size(0) + (int)get_local_id(0); i < (int)words_length; i += (int)get_num_groups(0) * (int)get_local_size(0))
    {
        int zeros = (int)clz((uint)(words[i]));
        atomic_add(&local_[zeros], 1);
        bool th_value1;
        HistogramKernels_Larger(&best, zeros, &th_value1);
    }

    mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    for (int delta = 16; delta > 0; delta >>= 1)
    {
        int other = th_shuffle(th_exchange, best, th_linear_index() % 32 + (delta));
        best = max(best, other);
    }

    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if ((int)get_local_id(0) < 33)
    {
        atomic_add(&counts[(int)get_local_id(0)], local_[(int)get_local_id(0)]);
    }

    if (th_linear_index() % 32 == 0)
    {
        th_atomic_add_global(&largest[0], (float)best);
    }
}
