// ActivationKernels.Apply of File0.cs: y = f(x) over a matrix, one element a thread.
#pragma OPENCL FP_CONTRACT OFF

typedef struct
{
    int Rows;
    int Columns;
    float Slope;
} Shape;

static float th_max(float a, float b)
{
    float larger = a == b ? as_float(as_int(a) & as_int(b)) : b; // +0 of two zeros
    return a > b || a != a ? a : larger;
}

static float th_min(float a, float b)
{
    float smaller = a == b ? as_float(as_int(a) | as_int(b)) : b; // -0 of two zeros
    return a < b || a != a ? a : smaller;
}

static float ActivationKernels_Value(float x, int rule, Shape shape)
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
            return 1.0f / (1.0f + exp(-x));
        }
    }
}

__kernel void ActivationKernels_Apply(__global const float* restrict x_base, const long x_offset, __global float* y_base, const long y_offset, Shape shape, int clamp_)
{
    __global const float* const x = x_base + x_offset;
    __global float* const y = y_base + y_offset;

    int i = (int)get_group_id(0) * (int)get_local_size(0) + (int)get_local_id(0);
    if (i >= shape.Rows * shape.Columns)
    {
        return;
    }

    float value = ActivationKernels_Value(x[i], thor_rule, shape);
    if (clamp_ && !isnan(value))
    {
        value = th_min(th_max(value, -3e38f), 3e38f);
    }

    y[i] = value;
}
