using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Thor.Kernels.Translator.Printing;

/// <summary>
/// What CUDA C has in another meaning than C#, or not without headers. NVRTC compiles it, and so does clang with no CUDA installation
/// beside it, behind a prelude that defines the words of the language and the functions of C that are one instruction.
/// </summary>
internal static class CudaSnippets
{
    public const string Prefix = "static __device__ __forceinline__ ";

    private static readonly string[] s_mathFunctions =
        ["expf", "logf", "log2f", "log10f", "sinf", "cosf", "tanf", "asinf", "acosf", "atanf", "sinhf", "coshf", "tanhf", "cbrtf"];

    public static IEnumerable<Snippet> All => Numbers().Concat(Functions()).Concat(Integers()).Concat(Memory()).Concat(Vectors());

    private static IEnumerable<Snippet> Numbers()
    {
        yield return new Snippet("th_max", """
            static __device__ __forceinline__ float th_max(float a, float b)
            {
                float larger;
                asm("max.f32 %0, %1, %2;" : "=f"(larger) : "f"(a), "f"(b));
                return a != a || b != b ? a + b : larger;
            }
            """);
        yield return new Snippet("th_min", """
            static __device__ __forceinline__ float th_min(float a, float b)
            {
                float smaller;
                asm("min.f32 %0, %1, %2;" : "=f"(smaller) : "f"(a), "f"(b));
                return a != a || b != b ? a + b : smaller;
            }
            """);
        yield return Convert("th_to_int", "int", "s32", "r", string.Empty);
        yield return Convert("th_to_uint", "unsigned int", "u32", "r", string.Empty);
        yield return Convert("th_to_long", "long long", "s64", "l", "x != x ? 0 : ");
        yield return Convert("th_to_ulong", "unsigned long long", "u64", "l", "x != x ? 0 : ");
        yield return new Snippet("th_sqrt", Prefix + """
            float th_sqrt(float x)
            {
                float root;
                asm("sqrt.rn.f32 %0, %1;" : "=f"(root) : "f"(x));
                return root;
            }
            """);
    }

    private static IEnumerable<Snippet> Functions()
    {
        yield return new Snippet("th_is_nan", Prefix + """
            bool th_is_nan(float x)
            {
                return x != x;
            }
            """);
        yield return new Snippet("th_is_finite", Prefix + """
            bool th_is_finite(float x)
            {
                return (__float_as_uint(x) & 0x7fffffffu) < 0x7f800000u;
            }
            """);
        yield return new Snippet("th_is_infinity", Prefix + """
            bool th_is_infinity(float x)
            {
                return (__float_as_uint(x) & 0x7fffffffu) == 0x7f800000u;
            }
            """);

        // NVRTC knows these; where clang has no CUDA installation beside it, the call needs a library to be linked.
        foreach (string function in s_mathFunctions)
        {
            yield return new Snippet(function, $"#if defined(__clang__)\nextern \"C\" __device__ float {function}(float x);\n#endif");
        }

        foreach (string function in new[] { "powf", "atan2f", "fmodf" })
        {
            yield return new Snippet(function, $"#if defined(__clang__)\nextern \"C\" __device__ float {function}(float x, float y);\n#endif");
        }
    }

    private static IEnumerable<Snippet> Integers()
    {
        foreach ((string type, string suffix) in new[] { ("float", ""), ("int", "_int"), ("unsigned int", "_uint"), ("long long", "_long"), ("unsigned long long", "_ulong") })
        {
            yield return new Snippet("th_clamp" + suffix, $$"""
                {{Prefix}}{{type}} th_clamp{{suffix}}({{type}} x, {{type}} low, {{type}} high)
                {
                    return x < low ? low : x > high ? high : x;
                }
                """);
            if (type == "float")
            {
                continue;
            }

            yield return new Snippet("th_max" + suffix, $$"""
                {{Prefix}}{{type}} th_max{{suffix}}({{type}} a, {{type}} b)
                {
                    return a > b ? a : b;
                }
                """);
            yield return new Snippet("th_min" + suffix, $$"""
                {{Prefix}}{{type}} th_min{{suffix}}({{type}} a, {{type}} b)
                {
                    return a < b ? a : b;
                }
                """);
        }

        foreach ((string type, string suffix) in new[] { ("int", "_int"), ("long long", "_long") })
        {
            yield return new Snippet("th_abs" + suffix, $$"""
                {{Prefix}}{{type}} th_abs{{suffix}}({{type}} x)
                {
                    return x < 0 ? ({{type}})(0 - (unsigned {{type}})x) : x;
                }
                """);
        }

        yield return Count("th_leading_zeros", "clz.b32 %0, %1;", "unsigned int", "r");
        yield return Count("th_leading_zeros_long", "clz.b64 %0, %1;", "unsigned long long", "l");
        yield return Count("th_pop_count", "popc.b32 %0, %1;", "unsigned int", "r");
        yield return Count("th_pop_count_long", "popc.b64 %0, %1;", "unsigned long long", "l");
        yield return new Snippet("th_trailing_zeros", Prefix + """
            int th_trailing_zeros(unsigned int x)
            {
                return x == 0u ? 32 : 31 - th_leading_zeros(x & (0u - x));
            }
            """, "th_leading_zeros");
        yield return new Snippet("th_trailing_zeros_long", Prefix + """
            int th_trailing_zeros_long(unsigned long long x)
            {
                return x == 0ull ? 64 : 63 - th_leading_zeros_long(x & (0ull - x));
            }
            """, "th_leading_zeros_long");
        yield return new Snippet("th_rotate", Prefix + """
            unsigned int th_rotate(unsigned int x, int count)
            {
                return (x << (count & 31)) | (x >> (-count & 31));
            }
            """);
        yield return new Snippet("th_rotate_long", Prefix + """
            unsigned long long th_rotate_long(unsigned long long x, int count)
            {
                return (x << (count & 63)) | (x >> (-count & 63));
            }
            """);
    }

    private static IEnumerable<Snippet> Memory()
    {
        yield return new Snippet("th_linear_index", Prefix + """
            int th_linear_index()
            {
                return (int)((threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x);
            }
            """);
        yield return new Snippet("th_shuffle", Prefix + """
            int th_shuffle(int bits, int source)
            {
                int own = th_linear_index();
                int size = (int)(blockDim.x * blockDim.y * blockDim.z);
                int result;
                asm volatile("shfl.sync.idx.b32 %0, %1, %2, 31, 0xffffffff;" : "=r"(result) : "r"(bits), "r"(source));
                return (unsigned int)source < 32u && (own & ~31) + source < size ? result : bits;
            }
            """, "th_linear_index");
        yield return Atomic("th_atomic_add", "float", "add.f32", "f");
        yield return Atomic("th_atomic_add_int", "int", "add.s32", "r");
        yield return Atomic("th_atomic_add_uint", "unsigned int", "add.u32", "r");
        yield return Atomic("th_atomic_max", "int", "max.s32", "r");
        yield return Atomic("th_atomic_min", "int", "min.s32", "r");
        yield return Atomic("th_atomic_exchange", "int", "exch.b32", "r");
        yield return new Snippet("th_atomic_compare_exchange", Prefix + """
            int th_atomic_compare_exchange(int* target, int comparand, int value)
            {
                int before;
                asm volatile("atom.cas.b32 %0, [%1], %2, %3;" : "=r"(before) : "l"(target), "r"(comparand), "r"(value) : "memory");
                return before;
            }
            """);
        yield return new Snippet("th_shared_address", Prefix + """
            unsigned int th_shared_address(const void* pointer)
            {
                unsigned int address;
                asm("{ .reg .u64 wide; cvta.to.shared.u64 wide, %1; cvt.u32.u64 %0, wide; }" : "=r"(address) : "l"(pointer));
                return address;
            }
            """);
        yield return new Snippet("th_global_address", Prefix + """
            unsigned long long th_global_address(const void* pointer)
            {
                unsigned long long address;
                asm("cvta.to.global.u64 %0, %1;" : "=l"(address) : "l"(pointer));
                return address;
            }
            """);
    }

    private static IEnumerable<Snippet> Vectors()
    {
        foreach (int lanes in new[] { 2, 4, 8, 16 })
        {
            string type = "th_float" + Number(lanes);
            List<string> names = Enumerable.Range(0, lanes)
                .Select(i => lanes <= 4 ? "xyzw".Substring(i, 1) : "s" + i.ToString("x", CultureInfo.InvariantCulture)).ToList();
            yield return new Snippet(type, $"struct alignas({Number(4 * lanes)}) {type}\n{{\n    float {string.Join(", ", names)};\n}};");
            yield return new Snippet(type + "_splat", Body($"{type} {type}_splat(float value)", $"{type}{{{string.Join(", ", names.Select(_ => "value"))}}}"), type);
            foreach ((string name, string sign) in new[] { ("Add", "+"), ("Subtract", "-"), ("Multiply", "*") })
            {
                string values = string.Join(", ", names.Select(n => $"a.{n} {sign} b.{n}"));
                yield return new Snippet($"{type}_{name}", Body($"{type} operator{sign}({type} a, {type} b)", $"{type}{{{values}}}"), type);
            }

            string fused = string.Join(", ", names.Select(n => $"fmaf(a.{n}, b.{n}, c.{n})"));
            yield return new Snippet(type + "_fma", Body($"{type} {type}_fma({type} a, {type} b, {type} c)", $"{type}{{{fused}}}"), type);
        }
    }

    private static string Body(string head, string value) => $"{Prefix}{head}\n{{\n    return {value};\n}}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // The instruction rounds towards zero and saturates, and takes NaN to 0 where the result has 32 bits.
    private static Snippet Convert(string name, string type, string suffix, string constraint, string guard) => new(name, $$"""
        {{Prefix}}{{type}} {{name}}(float x)
        {
            {{type}} y;
            asm("cvt.rzi.{{suffix}}.f32 %0, %1;" : "={{constraint}}"(y) : "f"(x));
            return {{guard}}y;
        }
        """);

    private static Snippet Count(string name, string instruction, string type, string constraint) => new(name, $$"""
        {{Prefix}}int {{name}}({{type}} x)
        {
            int count;
            asm("{{instruction}}" : "=r"(count) : "{{constraint}}"(x));
            return count;
        }
        """);

    private static Snippet Atomic(string name, string type, string instruction, string constraint) => new(name, $$"""
        {{Prefix}}{{type}} {{name}}({{type}}* target, {{type}} value)
        {
            {{type}} before;
            asm volatile("atom.{{instruction}} %0, [%1], %2;" : "={{constraint}}"(before) : "l"(target), "{{constraint}}"(value) : "memory");
            return before;
        }
        """);
}
