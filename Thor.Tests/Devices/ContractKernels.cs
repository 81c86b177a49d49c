using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Devices;

/// <summary>
/// Kernels in the forms of every kind of device, written by hand: what an accelerator does, without the translator. Their names are
/// those of the entry points.
/// </summary>
internal static class ContractKernels
{
    /// <summary>y = a x + y; as many threads as cover the shorter view.</summary>
    public readonly struct Axpy(ReadOnlyView<float> x, ArrayView<float> y, float a) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractAxpy",
            Location = "ContractKernels.cs:17",
            TakesLength = [false, true, false],
            OpenCL = """
                #pragma OPENCL FP_CONTRACT OFF
                __kernel void ContractAxpy(
                    __global const float* restrict x_base, const long x_offset, __global float* y_base, const long y_offset, const long y_length, const float a)
                {
                    __global const float* x = x_base + x_offset;
                    __global float* y = y_base + y_offset;
                    int i = (int)(get_group_id(0) * get_local_size(0) + get_local_id(0));
                    if (i < y_length)
                    {
                        y[i] = a * x[i] + y[i];
                    }
                }
                """,
            Cuda = """
                extern "C" __global__ void ContractAxpy(const float* __restrict__ x, float* y, const long long y_length, const float a)
                {
                    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
                    if (i < y_length)
                    {
                        y[i] = a * x[i] + y[i];
                    }
                }
                """,
        };

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(x);
            arguments.Add(y);
            arguments.Add(a);
        }

        public void Run()
        {
            int i = (Grid.IdxX * Group.DimX) + Group.IdxX;
            if (i < y.Length)
            {
                y[i] = (a * x[i]) + y[i];
            }
        }

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>Every element of y becomes first + second, compiled in; y is as long as the launch has threads.</summary>
    public readonly struct Constant(ArrayView<int> y, SpecializedValue<int> first, SpecializedValue<int> second) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractConstant",
            Specialized = ["thor_first", "thor_second"],
            OpenCL = """
                __kernel void ContractConstant(__global int* y_base, const long y_offset)
                {
                    int values[thor_first + thor_second];
                    for (int i = 0; i < thor_first + thor_second; i++)
                    {
                        values[i] = 1;
                    }

                    int sum = 0;
                    for (int i = 0; i < thor_first + thor_second; i++)
                    {
                        sum += values[i];
                    }

                    (y_base + y_offset)[get_group_id(0) * get_local_size(0) + get_local_id(0)] = sum;
                }
                """,
            Cuda = """
                extern "C" __global__ void ContractConstant(int* y)
                {
                    int values[thor_first + thor_second];
                    for (int i = 0; i < thor_first + thor_second; i++)
                    {
                        values[i] = 1;
                    }

                    int sum = 0;
                    for (int i = 0; i < thor_first + thor_second; i++)
                    {
                        sum += values[i];
                    }

                    y[blockIdx.x * blockDim.x + threadIdx.x] = sum;
                }
                """,
        };

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(y);
            arguments.Add(first);
            arguments.Add(second);
        }

        public void Run() => y[(Grid.IdxX * Group.DimX) + Group.IdxX] = first + second;

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>Every group reverses its elements through dynamic shared memory.</summary>
    public readonly struct Reverse(ArrayView<int> y) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractReverse",
            HasBarriers = true,
            UsesDynamicShared = true,
            OpenCL = """
                __kernel void ContractReverse(__global int* y_base, const long y_offset, __local int* shared)
                {
                    __global int* y = y_base + y_offset + get_group_id(0) * get_local_size(0);
                    int i = (int)get_local_id(0);
                    shared[i] = y[i];
                    barrier(CLK_LOCAL_MEM_FENCE);
                    y[i] = shared[get_local_size(0) - 1 - i];
                }
                """,
            Cuda = """
                extern "C" __global__ void ContractReverse(int* y)
                {
                    extern __shared__ int shared[];
                    int i = (int)threadIdx.x;
                    y += blockIdx.x * blockDim.x;
                    shared[i] = y[i];
                    __syncthreads();
                    y[i] = shared[blockDim.x - 1 - i];
                }
                """,
        };

        public void Bind(KernelArguments arguments) => arguments.Add(y);

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps()
        {
            ArrayView<int> shared = SharedMemory.GetDynamic<int>();
            int first = Grid.IdxX * Group.DimX;
            shared[Group.IdxX] = y[first + Group.IdxX];
            yield return 1;
            y[first + Group.IdxX] = shared[Group.DimX - 1 - Group.IdxX];
        }
    }

    /// <summary>Numbers of every width and a structure, written out as they arrive; one thread.</summary>
    public readonly struct Arguments(ArrayView<long> y, bool flag, int i, uint u, long l, ulong ul, float f, Pair pair, ArrayView<float> none) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractArguments",
            TakesLength = [false, false, false, false, false, false, false, false, true],
            OpenCL = """
                typedef struct { int first; float second; } Pair;
                __kernel void ContractArguments(
                    __global long* y_base, const long y_offset, const int flag, const int i, const uint u, const long l, const ulong ul, const float f, const Pair pair,
                    __global float* none_base, const long none_offset, const long none_length)
                {
                    __global long* y = y_base + y_offset;
                    y[0] = flag;
                    y[1] = i;
                    y[2] = u;
                    y[3] = l;
                    y[4] = (long)ul;
                    y[5] = (long)f;
                    y[6] = pair.first;
                    y[7] = (long)pair.second;
                    y[8] = none_length;
                }
                """,
            Cuda = """
                typedef struct { int first; float second; } Pair;
                extern "C" __global__ void ContractArguments(
                    long long* y, const int flag, const int i, const unsigned int u, const long long l, const unsigned long long ul, const float f, const Pair pair,
                    float* none, const long long none_length)
                {
                    y[0] = flag;
                    y[1] = i;
                    y[2] = u;
                    y[3] = l;
                    y[4] = (long long)ul;
                    y[5] = (long long)f;
                    y[6] = pair.first;
                    y[7] = (long long)pair.second;
                    y[8] = none_length;
                }
                """,
        };

        public void Bind(KernelArguments arguments)
        {
            arguments.Add(y);
            arguments.Add(flag);
            arguments.Add(i);
            arguments.Add(u);
            arguments.Add(l);
            arguments.Add(ul);
            arguments.Add(f);
            arguments.Add(pair);
            arguments.Add(none);
        }

        public void Run()
        {
            y[0] = flag ? 1 : 0;
            y[1] = i;
            y[2] = u;
            y[3] = l;
            y[4] = (long)ul;
            y[5] = (long)f;
            y[6] = pair.First;
            y[7] = (long)pair.Second;
            y[8] = none.Length;
        }

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>Does nothing.</summary>
    public readonly struct Empty(int unused) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractEmpty",
            MaxGroupSize = 64,
            OpenCL = "__kernel void ContractEmpty(const int unused) { }",
            Cuda = """extern "C" __global__ void ContractEmpty(const int unused) { }""",
        };

        public void Bind(KernelArguments arguments) => arguments.Add(unused);

        public void Run()
        {
        }

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>Does not compile.</summary>
    public readonly struct Broken(int unused) : IKernel
    {
        public static KernelSource Source { get; } = new()
        {
            Name = "ContractBroken",
            Location = "Broken.cs:7",
            OpenCL = "__kernel void ContractBroken(const int unused) { this_is_no_function(unused) }",
            Cuda = """extern "C" __global__ void ContractBroken(const int unused) { this_is_no_function(unused) }""",
        };

        public void Bind(KernelArguments arguments) => arguments.Add(unused);

        public void Run() => throw new InvalidOperationException();

        public IEnumerator<int> Steps() => throw new InvalidOperationException();
    }

    /// <summary>A structure of numbers.</summary>
    public readonly record struct Pair(int First, float Second);
}
