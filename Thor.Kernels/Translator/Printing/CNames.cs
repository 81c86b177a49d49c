using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Thor.Kernels.Translator.Printing;

/// <summary>
/// Names of C# as names of C. A name stays as it is unless C, OpenCL or CUDA give it a meaning or it looks like one that printers make;
/// then it gets a '_' at the end. Every name with a '_' gets one more, so that no two names meet.
/// </summary>
internal static class CNames
{
    private static readonly HashSet<string> s_reserved = new(Words.Split(new[] { ' ', '\n', '\r' }, System.StringSplitOptions.RemoveEmptyEntries));

    // Keywords of C99, C++20, OpenCL C 2.0 and CUDA; types, functions and macros that are there without an include.
    private const string Words = """
        alignas alignof and and_eq asm atomic_cancel auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await
        co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do double
        dynamic_cast else enum explicit export extern false float for friend goto if import inline int long module mutable namespace new
        noexcept not not_eq nullptr operator or or_eq private protected public reflexpr register reinterpret_cast requires restrict return
        short signed sizeof static static_assert static_cast struct switch synchronized template this thread_local throw true try typedef
        typeid typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq
        global local constant private generic kernel read_only write_only read_write pipe uniform half quad complex imaginary
        uchar ushort uint ulong size_t ptrdiff_t intptr_t uintptr_t event_t sampler_t reserve_id_t queue_t ndrange_t clk_event_t
        image1d_t image1d_array_t image1d_buffer_t image2d_t image2d_array_t image3d_t image2d_depth_t image2d_array_depth_t
        image2d_msaa_t image2d_array_msaa_t atomic_int atomic_uint atomic_long atomic_ulong atomic_float atomic_double atomic_flag
        memory_order memory_scope cl_mem_fence_flags vec_step
        threadIdx blockIdx blockDim gridDim warpSize dim3 cudaStream_t
        linux unix i386 assert main errno stdin stdout stderr NULL INFINITY NAN HUGE_VALF HUGE_VAL MAXFLOAT
        abs abs_diff add_sat acos acosf asin asinf atan atanf atan2 atan2f barrier bitselect cbrt cbrtf ceil ceilf clamp clock clock64 clz
        copysign copysignf cos cosf cosh coshf cross distance dot exp exp2 exp2f exp10 expf expm1 fabs fabsf floor floorf fma fmaf fmax
        fmaxf fmin fminf fmod fmodf frexp hadd hypot ilogb isfinite isinf isnan ldexp length log log2 log2f log10 log10f log1p logf mad
        max mem_fence min mix modf mul24 mul_hi nan nextafter normalize popcount pow powf pown printf radians remainder remquo rhadd
        rint rintf rotate round rsqrt select sign signbit sin sincos sinf sinh sinhf smoothstep sqrt sqrtf step sub_sat tan tanf tanh
        tanhf tgamma trunc truncf upsample
        as_int as_uint as_float as_long as_ulong convert_int convert_float get_global_id get_local_id get_group_id get_local_size
        get_num_groups get_global_size get_work_dim malloc free memcpy memset
        """;

    /// <summary>
    /// The name of a variable or parameter. Functions and what printers add hold a '_', structs begin with a capital, so variables may do neither.
    /// </summary>
    public static string Of(string name)
    {
        string ascii = Ascii(name);
        return ascii != name || name.IndexOf('_') >= 0 || IsCapital(name[0]) || IsReserved(name) ? ascii + "_" : name;
    }

    /// <summary>The name of a field of a struct.</summary>
    public static string Field(string name)
    {
        string ascii = Ascii(name);
        return ascii != name || name.IndexOf('_') >= 0 || IsReserved(name) ? ascii + "_" : name;
    }

    /// <summary>The name of a function: its class and itself.</summary>
    public static string Function(string name) => Ascii(name);

    /// <summary>The name of a struct.</summary>
    public static string Struct(string name)
    {
        string ascii = Ascii(name);
        return IsCapital(ascii[0]) && !IsReserved(ascii) ? ascii : ascii + "_struct";
    }

    /// <summary>The macro of a specialised value.</summary>
    public static string Macro(string parameter) => "thor_" + Ascii(parameter);

    public static string Base(string view) => Ascii(view) + "_base";

    public static string Offset(string view) => Ascii(view) + "_offset";

    public static string Length(string view) => Ascii(view) + "_length";

    private static bool IsCapital(char c) => c is >= 'A' and <= 'Z';

    private static bool IsReserved(string name) => s_reserved.Contains(name) || IsVectorType(name);

    // float4, uint16 and so on.
    private static bool IsVectorType(string name)
    {
        string letters = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return letters.Length < name.Length
            && letters is "char" or "uchar" or "short" or "ushort" or "int" or "uint" or "long" or "ulong" or "float" or "double" or "half" or "longlong" or "ulonglong" or "bool" or "quad";
    }

    private static string Ascii(string name)
    {
        StringBuilder text = new();
        foreach (char c in name)
        {
            if (c < 128)
            {
                text.Append(c);
            }
            else
            {
                text.Append("_u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)).Append('_');
            }
        }

        return text.ToString();
    }
}
