using System.Collections.Generic;

namespace Thor.Kernels.Translator.Printing;

/// <summary>What OpenCL C 1.2 has in another meaning than C#, or not at all.</summary>
internal static class OpenCLSnippets
{
    public static IEnumerable<Snippet> All
    {
        get
        {
            yield return new Snippet("th_max", """
                static float th_max(float a, float b)
                {
                    float larger = a == b ? as_float(as_int(a) & as_int(b)) : b; // +0 of two zeros
                    return a > b || a != a ? a : larger;
                }
                """);
            yield return new Snippet("th_min", """
                static float th_min(float a, float b)
                {
                    float smaller = a == b ? as_float(as_int(a) | as_int(b)) : b; // -0 of two zeros
                    return a < b || a != a ? a : smaller;
                }
                """);
            yield return new Snippet("th_clamp", """
                static float th_clamp(float x, float low, float high)
                {
                    return x < low ? low : x > high ? high : x;
                }
                """);
            yield return new Snippet("th_trailing_zeros", """
                static int th_trailing_zeros(uint x)
                {
                    return x == 0u ? 32 : 31 - (int)clz(x & (0u - x));
                }
                """);
            yield return new Snippet("th_trailing_zeros_long", """
                static int th_trailing_zeros_long(ulong x)
                {
                    return x == 0ul ? 64 : 63 - (int)clz(x & (0ul - x));
                }
                """);
            yield return new Snippet("th_linear_index", """
                static int th_linear_index(void)
                {
                    return (int)((get_local_id(2) * get_local_size(1) + get_local_id(1)) * get_local_size(0) + get_local_id(0));
                }
                """);
            yield return new Snippet("th_shuffle", """
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
                """, "th_linear_index");
            // OpenCL's own prefetch does nothing on PoCL.
            yield return new Snippet("th_prefetch", """
                #ifdef __has_builtin
                #if __has_builtin(__builtin_prefetch)
                #define TH_PREFETCH(p) __builtin_prefetch((const void*)(ulong)(p), 0, 2)
                #endif
                #endif
                static void th_prefetch(__global const float* p)
                {
                #ifdef TH_PREFETCH
                    TH_PREFETCH(p);
                #endif
                }
                """);
            yield return AtomicAdd("th_atomic_add_global", "__global");
            yield return AtomicAdd("th_atomic_add_local", "__local");
        }
    }

    private static Snippet AtomicAdd(string name, string space) => new(name, $$"""
        static float {{name}}(volatile {{space}} float* target, float value)
        {
            volatile {{space}} int* bits = (volatile {{space}} int*)target;
            int seen = *bits;
            int before;
            do
            {
                before = seen;
                seen = atomic_cmpxchg(bits, before, as_int(as_float(before) + value));
            } while (seen != before);
            return as_float(before);
        }
        """);
}
