// ActivationKernels.Apply of File0.cs: y = f(x) over a matrix, one element a thread.

struct Shape
{
    int Rows;
    int Columns;
    float Slope;
};
static_assert(sizeof(Shape) == 12, "Shape is laid out as in C#");

static __device__ __forceinline__ float th_max(float a, float b)
{
    float larger;
    asm("max.f32 %0, %1, %2;" : "=f"(larger) : "f"(a), "f"(b));
    return a != a || b != b ? a + b : larger;
}

#if defined(__clang__)
extern "C" __device__ float expf(float x);
#endif

static __device__ __forceinline__ bool th_is_nan(float x)
{
    return x != x;
}

static __device__ __forceinline__ float th_min(float a, float b)
{
    float smaller;
    asm("min.f32 %0, %1, %2;" : "=f"(smaller) : "f"(a), "f"(b));
    return a != a || b != b ? a + b : smaller;
}

static __device__ __forceinline__ float ActivationKernels_Value(float x, int rule, Shape shape)
{
    switch (rule)
    {
        case 0:
        {
            return x;
        }
        case 1:
        {
            return th_max(x, 0.0f);
        }
        case 2:
        {
            return x > 0.0f ? x : shape.Slope * x;
        }
        default:
        {
            return 1.0f / (1.0f + expf(-x));
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) ActivationKernels_Apply(const float* __restrict__ x, float* y, Shape shape, int clamp_)
{
    int i = (int)blockIdx.x * (int)blockDim.x + (int)threadIdx.x;
    if (i >= shape.Rows * shape.Columns)
    {
        return;
    }

    float value = ActivationKernels_Value(x[i], thor_rule, shape);
    if (clamp_ && !th_is_nan(value))
    {
        value = th_min(th_max(value, -3e38f), 3e38f);
    }

    y[i] = value;
}
