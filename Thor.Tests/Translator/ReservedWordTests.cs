using System.Globalization;
using System.Text;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Accelerators.Cuda;
using Thor.Kernels.Accelerators.OpenCL;
using Thor.Tests.Devices;
using Xunit;

namespace Thor.Tests.Translator;

/// <summary>Any name of C# may be used in a kernel, whatever it means in C, OpenCL or CUDA.</summary>
public sealed class ReservedWordTests
{
    private const string Words = """
        alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await co_return co_yield
        compl concept const const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit
        export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq
        private protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct
        switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
        __global __local __constant __private __kernel __attribute__ __read_only __write_only _Bool _Complex _Imaginary _Generic __restrict
        global local constant generic kernel read_only write_only read_write pipe uniform half quad complex imaginary image2d_t image3d_t
        sampler_t event_t size_t ptrdiff_t intptr_t uintptr_t uchar ushort uint ulong char2 char4 uchar16 short8 ushort3 int2 int3 int4 int8 int16
        uint2 uint4 uint16 long2 long4 ulong8 float2 float3 float4 float8 float16 double2 double4 half2 longlong2 bool2 image1d_t image2d_array_t
        __device__ __global__ __shared__ __constant__ __host__ __managed__ __launch_bounds__ __forceinline__ __noinline__ __restrict__ __align__
        threadIdx blockIdx blockDim gridDim warpSize dim3 uint3 cudaError_t asm_ typeof atomic_int linux unix main errno assert NULL INFINITY NAN
        abs acos barrier ceil clamp clz copysign cos dot exp fabs floor fma fmax fmin fmod fmaf fabsf floorf ceilf truncf rintf expf sinf sqrtf
        isnan isinf isfinite length log mad max mem_fence min mix normalize popcount pow powf printf radians rint rotate round select sign signbit
        sin sqrt step tan trunc as_int as_uint as_float as_long convert_int_sat atomic_add atomic_max atomic_cmpxchg get_global_id get_local_id
        get_group_id get_local_size get_num_groups __syncthreads __float_as_int __uint_as_float __CUDA_ARCH__ __OPENCL_VERSION__ __FILE__ __LINE__
        th_max th_min th_float4 th_exchange th_dynamic th_value1 th_linear_index thor_n thor_tile K_Run K_Helper K_Pair Pair x x_ x__ x_length
        x_base x_offset x_length_ y_base _u00f6_ u00f6 größe grö π i_ a_b A B__ _ _1 self result target value bits self_ memory
        """;

    [Fact]
    public void Print_EveryWordAsAVariable_Compiles()
    {
        StringBuilder body = new("int sum = @while + @kernel + (int)@int2 + @struct.@global;\n");
        string[] parameters = ["x", "y", "tile", "while", "kernel", "int2", "struct"];
        string[] words = [.. Words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Distinct().Except(parameters)];
        for (int i = 0; i < words.Length; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"int @{words[i]} = Helper(x[{i}], {i}); sum += @{words[i]} * {(2 * i) + 1};\n");
        }

        body.Append("float wide = MathF.Max(sum, x.IntLength) + new Pair { @global = 1, Pair_ = 2, @float = 3 }.@float + XMath.Exp(sum) + Math.Min(sum, 3) + tile.Value;\n");
        body.Append("FloatX4 four = FloatX4.Splat(wide); y[0] = sum + (int)four.X + (float.IsNaN(wide) ? 1 : 0);\n");
        Translation translation = Translation.OfKernel(
            "ReadOnlyView<int> x, ArrayView<int> y, SpecializedValue<int> tile, int @while, int @kernel, float @int2, Pair @struct",
            body.ToString(),
            """
            public struct Pair { public int @global; public int Pair_; public float @float; }

            private static int Helper(int @signed, int @local)
            {
                int @unsigned = @signed + @local;
                return @unsigned;
            }
            """);
        KernelSource source = translation.Kernel();
        ClangCompiler? clang = ClangCompiler.Find();
        if (clang is not null)
        {
            Assert.True(clang.Compile(source, [4], out string log) is not null, log);
        }

        OpenCLAccelerator device = (OpenCLAccelerator)TestDevices.Require("opencl");
        device.Compile(source, [4]);
    }

    [Fact]
    public void Print_NamesThatLookLikeOnesOfThePrinter_StayApart()
    {
        KernelSource source = Translation.OfKernel(
            "ArrayView<int> x, int x_, int x__, int x_base, int x_offset, int x_length, int th_linear_index",
            "x[Group.LinearIndex] = x_ + x__ + x_base + x_offset + x_length + th_linear_index + x.IntLength;").Kernel();
        Assert.Contains(
            "__global int* x_base, const long x_offset, const long x_length, int x__, int x___, int x_base_, int x_offset_, int x_length_, int th_linear_index_)", source.OpenCL);
        Assert.Contains("x[th_linear_index()] = x__ + x___ + x_base_ + x_offset_ + x_length_ + th_linear_index_ + (int)x_length;", source.OpenCL);
    }
}
