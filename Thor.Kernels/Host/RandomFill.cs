using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Random numbers of a Philox stream into memory: words to a buffer in the first-level cache, then from words to numbers.</summary>
public static unsafe class RandomFill
{
    private const int Buffer = 1024;

    private enum Kind
    {
        Uniform,
        Normal,
        Mask,
    }

    /// <summary>Uniform numbers in [0, 1): one word per float, two per double.</summary>
    public static void Uniform<T>(T* y, long n, ulong key, ulong position)
        where T : unmanaged => Run(Kind.Uniform, y, n, key, position, 0, default);

    /// <summary>Standard normal numbers: one word per float, two per double; see <see cref="NormalTable"/>.</summary>
    public static void Normal<T>(T* y, long n, ulong key, ulong position)
        where T : unmanaged => Run(Kind.Normal, y, n, key, position, 0, default);

    /// <summary>A value where an element's word is below a threshold, else 0; one word per element.</summary>
    public static void Mask<T>(T* y, long n, ulong key, ulong position, ulong threshold, T value)
        where T : unmanaged => Run(Kind.Mask, y, n, key, position, threshold, value);

    private static void Run<T>(Kind kind, T* y, long n, ulong key, ulong position, ulong threshold, T value)
        where T : unmanaged
    {
        int pieces = Widest.Pieces(n, RowPlan.CostlyGrain);
        WorkerPool.For(pieces, new Body<T>(kind, y, n, key, position, threshold, value));
    }

    private readonly struct Body<T>(Kind kind, T* y, long n, ulong key, ulong position, ulong threshold, T value) : IParallelBody
        where T : unmanaged
    {
        private readonly T* _y = y;

        public void Invoke(int index)
        {
            int wordsPer = sizeof(T) == 8 && kind != Kind.Mask ? 2 : 1;
            uint* words = stackalloc uint[Buffer];

            // Pieces and buffers of whole blocks: only the stream's own position can fall between blocks.
            long at = (long)index * RowPlan.CostlyGrain;
            long last = Math.Min(n, at + RowPlan.CostlyGrain);
            while (at < last)
            {
                int count = (int)Math.Min(last - at, Buffer / wordsPer);
                Philox.Words(key, position + ((ulong)at * (ulong)wordsPer), new Span<uint>(words, count * wordsPer));
                switch (kind)
                {
                    case Kind.Uniform:
                        Uniforms(words, _y + at, count);
                        break;
                    case Kind.Normal:
                        Normals(words, _y + at, count);
                        break;
                    default:
                        Masks(words, _y + at, count);
                        break;
                }

                at += count;
            }
        }

        private void Masks(uint* words, T* y, int count)
        {
            int i = 0;
            if (sizeof(T) == 4 && Vector256.IsHardwareAccelerated && threshold <= uint.MaxValue)
            {
                // All ones or all zeros select the bits of the value.
                T kept = value;
                Vector256<uint> bits = Vector256.Create(*(uint*)&kept);
                Vector256<uint> below = Vector256.Create((uint)threshold);
                for (; i <= count - Vector256<uint>.Count; i += Vector256<uint>.Count)
                {
                    (Vector256.LessThan(Vector256.Load(words + i), below) & bits).Store((uint*)y + i);
                }
            }

            for (; i < count; i++)
            {
                y[i] = words[i] < threshold ? value : default;
            }
        }

        private static void Uniforms(uint* words, T* y, int count)
        {
            if (sizeof(T) == 4)
            {
                int i = 0;
                for (; Vector256.IsHardwareAccelerated && i <= count - Vector256<uint>.Count; i += Vector256<uint>.Count)
                {
                    Vector256<float> whole = Vector256.ConvertToSingle((Vector256.Load(words + i) >> 8).AsInt32());
                    (whole * (1f / (1 << 24))).Store((float*)y + i);
                }

                for (; i < count; i++)
                {
                    ((float*)y)[i] = Philox.ToUniform(words[i]);
                }

                return;
            }

            for (int i = 0; i < count; i++)
            {
                ((double*)y)[i] = Philox.ToUniform(words[2 * i], words[(2 * i) + 1]);
            }
        }

        private static void Normals(uint* words, T* y, int count)
        {
            if (sizeof(T) == 4)
            {
                float[] table = NormalTable.Float;
                int i = 0;
                if (Avx512CD.VL.IsSupported)
                {
                    fixed (float* start = table)
                    {
                        for (; i <= count - Vector256<uint>.Count; i += Vector256<uint>.Count)
                        {
                            NormalTable.Draw(Vector256.Load(words + i), start).Store((float*)y + i);
                        }
                    }
                }

                for (; i < count; i++)
                {
                    ((float*)y)[i] = NormalTable.Draw(words[i], table);
                }

                return;
            }

            double[] precise = NormalTable.Double;
            for (int i = 0; i < count; i++)
            {
                ((double*)y)[i] = NormalTable.Draw(words[2 * i], words[(2 * i) + 1], precise);
            }
        }
    }
}
