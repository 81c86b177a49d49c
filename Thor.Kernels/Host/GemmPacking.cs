using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thor.Kernels.Host;

/// <summary>Copies strips of a matrix into the order in which a tile reads them.</summary>
internal static unsafe class GemmPacking
{
    /// <summary>Elements a strip may write beyond its end.</summary>
    public const int Slack = 16;

    private const int PrefetchSteps = 16;

    /// <summary>
    /// target[step * targetStep + lane] = source[lane * laneStride + step * stepStride] for lanes lanes and steps steps.
    /// With targetStep = lanes up to <see cref="Slack"/> elements behind the strip are overwritten.
    /// </summary>
    public static void Pack<T>(T* source, long laneStride, long stepStride, int lanes, nint steps, T* target, nint targetStep)
        where T : unmanaged
    {
        if (laneStride == 1)
        {
            Copy(source, stepStride, lanes, steps, target, targetStep);
        }
        else if (stepStride == 1 && typeof(T) == typeof(float) && Sse.IsSupported)
        {
            Transpose((float*)source, laneStride, lanes, steps, (float*)target, targetStep);
        }
        else
        {
            Gather(source, laneStride, stepStride, lanes, steps, target, targetStep);
        }
    }

    /// <summary>Packs strips that follow each other in every row of the source, each of lanes[strip] lanes, at least one 256-bit vector.</summary>
    public static void PackSideBySide<T>(T* source, long stepStride, int* lanes, int strips, nint steps, T* target)
        where T : unmanaged
    {
        int width = Vector256<T>.Count;
        for (nint step = 0; step < steps; step++)
        {
            T* from = source + (step * stepStride);
            T* ahead = source + (Math.Min(step + PrefetchSteps, steps - 1) * stepStride);
            T* strip = target;
            for (int i = 0; i < strips; i++)
            {
                int count = lanes[i];
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(ahead);
                    ahead += count;
                }

                T* to = strip + (step * count);
                int lane = 0;
                for (; lane <= count - width; lane += width)
                {
                    Vector256.Store(Vector256.Load(from + lane), to + lane);
                }

                // The last vector overlaps the one before it rather than leave the strip.
                Vector256.Store(Vector256.Load(from + count - width), to + count - width);
                from += count;
                strip += count * steps;
            }
        }
    }

    /// <summary>The same, with zeros in lanes up to width.</summary>
    public static void PackPadded<T>(T* source, long laneStride, long stepStride, int lanes, nint steps, T* target, int width)
        where T : unmanaged
    {
        if (lanes == width)
        {
            // Halves, because a transposition takes 16 lanes at most.
            int half = lanes / 2;
            if (laneStride != 1 && half > 0)
            {
                Pack(source, laneStride, stepStride, half, steps, target, width);
                Pack(source + (half * laneStride), laneStride, stepStride, half, steps, target + half, width);
            }
            else
            {
                Pack(source, laneStride, stepStride, lanes, steps, target, width);
            }

            return;
        }

        new Span<T>(target, checked((int)(steps * width))).Clear();
        Gather(source, laneStride, stepStride, lanes, steps, target, width);
    }

    private static void Gather<T>(T* source, long laneStride, long stepStride, int lanes, nint steps, T* target, nint targetStep)
        where T : unmanaged
    {
        for (nint step = 0; step < steps; step++)
        {
            T* from = source + (step * stepStride);
            T* to = target + (step * targetStep);
            for (int lane = 0; lane < lanes; lane++)
            {
                to[lane] = *from;
                from += laneStride;
            }
        }
    }

    private static void Copy<T>(T* source, long stepStride, int lanes, nint steps, T* target, nint targetStep)
        where T : unmanaged
    {
        int width = Vector256<T>.Count;
        if (lanes < width || !Vector256.IsHardwareAccelerated)
        {
            Gather(source, 1, stepStride, lanes, steps, target, targetStep);
            return;
        }

        // The last vector overlaps the one before it rather than leave the strip. Rows of a wide matrix are too far apart
        // for the processor to guess, so it is told where the work will be some steps from here.
        for (nint step = 0; step < steps; step++)
        {
            int lane = 0;
            T* ahead = source + (Math.Min(PrefetchSteps, steps - 1 - step) * stepStride);
            for (int line = 0; line < lanes && Sse.IsSupported; line += 64 / sizeof(T))
            {
                Sse.Prefetch0(ahead + line);
            }

            for (; lane <= lanes - width; lane += width)
            {
                Vector256.Store(Vector256.Load(source + lane), target + lane);
            }

            if (lane < lanes)
            {
                Vector256.Store(Vector256.Load(source + lanes - width), target + lanes - width);
            }

            source += stepStride;
            target += targetStep;
        }
    }

    private static void Transpose(float* source, long laneStride, int lanes, nint steps, float* target, nint targetStep)
    {
        nint step = 0;
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported && (lanes == 16 || (lanes is > 4 and < 16 && targetStep == lanes)))
        {
            // Lanes that do not exist repeat the last one; their slots are overwritten by the next step.
            long* rows = stackalloc long[16];
            for (int lane = 0; lane < 16; lane++)
            {
                rows[lane] = Math.Min(lane, lanes - 1) * laneStride;
            }

            for (; step <= steps - 4; step += 4)
            {
                Transpose16(source + step, rows, target + (step * targetStep), targetStep);
            }
        }
        else if (lanes >= 4)
        {
            for (; step <= steps - 4; step += 4)
            {
                int lane = 0;
                for (; lane <= lanes - 4; lane += 4)
                {
                    Transpose4(source + (lane * laneStride) + step, laneStride, target + (step * targetStep) + lane, targetStep);
                }

                Gather(source + (lane * laneStride) + step, laneStride, 1, lanes - lane, 4, target + (step * targetStep) + lane, targetStep);
            }
        }

        Gather(source + step, laneStride, 1, lanes, steps - step, target + (step * targetStep), targetStep);
    }

    /// <summary>Four steps of sixteen lanes: quarters of vectors are put together while loading, the rest stays within quarters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16(float* source, long* rows, float* target, nint targetStep)
    {
        Vector512<float> v0 = Quarters(source, rows);
        Vector512<float> v1 = Quarters(source, rows + 1);
        Vector512<float> v2 = Quarters(source, rows + 2);
        Vector512<float> v3 = Quarters(source, rows + 3);
        Vector512<double> low01 = Avx512F.UnpackLow(v0, v1).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(v0, v1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(v2, v3).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(v2, v3).AsDouble();
        Avx512F.UnpackLow(low01, low23).AsSingle().Store(target);
        Avx512F.UnpackHigh(low01, low23).AsSingle().Store(target + targetStep);
        Avx512F.UnpackLow(high01, high23).AsSingle().Store(target + (2 * targetStep));
        Avx512F.UnpackHigh(high01, high23).AsSingle().Store(target + (3 * targetStep));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* source, long* rows)
    {
        Vector512<float> v = Vector128.Load(source + rows[0]).ToVector256Unsafe().ToVector512Unsafe();
        v = Avx512F.InsertVector128(v, Vector128.Load(source + rows[4]), 1);
        v = Avx512F.InsertVector128(v, Vector128.Load(source + rows[8]), 2);
        return Avx512F.InsertVector128(v, Vector128.Load(source + rows[12]), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* source, long laneStride, float* target, nint targetStep)
    {
        Vector128<float> v0 = Vector128.Load(source);
        Vector128<float> v1 = Vector128.Load(source + laneStride);
        Vector128<float> v2 = Vector128.Load(source + (2 * laneStride));
        Vector128<float> v3 = Vector128.Load(source + (3 * laneStride));
        Vector128<float> low01 = Sse.UnpackLow(v0, v1);
        Vector128<float> high01 = Sse.UnpackHigh(v0, v1);
        Vector128<float> low23 = Sse.UnpackLow(v2, v3);
        Vector128<float> high23 = Sse.UnpackHigh(v2, v3);
        Sse.MoveLowToHigh(low01, low23).Store(target);
        Sse.MoveHighToLow(low23, low01).Store(target + targetStep);
        Sse.MoveLowToHigh(high01, high23).Store(target + (2 * targetStep));
        Sse.MoveHighToLow(high23, high01).Store(target + (3 * targetStep));
    }
}
