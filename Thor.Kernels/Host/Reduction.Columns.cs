using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <content>Reductions that keep the innermost axis: sums of rows, element by element.</content>
public static unsafe partial class Reduction
{
    // Columns whose sums stay in the first-level cache while rows stream past.
    private const long Panel = 1024;

    private const long RowsPerSegment = 256;

    /// <summary>y[k, :] = sum over r of x[k, r, :], for reduced axes r outside the innermost.</summary>
    private static void AcrossRows<TReducer, T>(in StridedLoop loop, T* x, T* y)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T>
    {
        StridedLoop kept = loop.Outer(1, repeats: false);
        StridedLoop reduced = loop.Outer(1, repeats: true);
        long n = loop.Inner;
        long panels = (n + Panel - 1) / Panel;

        // Rows are cut only where that makes segments worth a thread's while and panels alone would not feed the threads.
        long rowsPerSegment = Math.Max(RowsPerSegment, RowPlan.CheapGrain / Math.Min(n, Panel));
        long segments = kept.Length * panels >= ManyResults ? 1 : Math.Clamp(reduced.Length / rowsPerSegment, 1, MostSegments);
        int pieces = checked((int)(kept.Length * panels * segments));
        if (segments == 1)
        {
            Widest.For<AcrossBody<TReducer, T>, T>(pieces, new AcrossBody<TReducer, T>(kept, reduced, n, panels, 1, x, y));
            return;
        }

        // Partial results: segment s of row k is row k * segments + s.
        T* partial = (T*)NativeMemory.Alloc((nuint)(kept.Length * segments * n), (nuint)sizeof(T));
        try
        {
            Widest.For<AcrossBody<TReducer, T>, T>(pieces, new AcrossBody<TReducer, T>(kept, reduced, n, panels, (int)segments, x, partial));
            for (long k = 0; k < kept.Length; k++)
            {
                T* rows = partial + (k * segments * n);
                for (long distance = 1; distance < segments; distance *= 2)
                {
                    for (long s = 0; s + distance < segments; s += 2 * distance)
                    {
                        Fold<TReducer, T>(rows + (s * n), rows + ((s + distance) * n), n);
                    }
                }

                new ReadOnlySpan<T>(rows, (int)n).CopyTo(new Span<T>(y + kept.Offset(1, k), (int)n));
            }
        }
        finally
        {
            NativeMemory.Free(partial);
        }
    }

    private static void Fold<TReducer, T>(T* into, T* from, long n)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T>
    {
        for (long i = 0; i < n; i++)
        {
            into[i] = Join<TReducer, T>(into[i], from[i]);
        }
    }

    /// <summary>One panel of columns over one segment of rows: four rows at a time are combined and added to the panel.</summary>
    private readonly struct AcrossBody<TReducer, T>(StridedLoop kept, StridedLoop reduced, long n, long panels, int segments, T* x, T* y) : ILaneBody<T>
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T>
    {
        private readonly T* _x = x;
        private readonly T* _y = y;
        private readonly StridedLoop _kept = kept;
        private readonly StridedLoop _reduced = reduced;

        public void Run<TLane>(int index)
            where TLane : struct, ILane<TLane, T>
        {
            (long rest, long segment) = Math.DivRem(index, segments);
            (long k, long panel) = Math.DivRem(rest, panels);
            long start = panel * Panel;
            nint width = (nint)Math.Min(Panel, n - start);
            long first = Widest.Start(_reduced.Length, segments, (int)segment);
            long last = Widest.Start(_reduced.Length, segments, (int)segment + 1);
            T* x = _x + _kept.Offset(0, k) + start;
            T* y = _y + (segments == 1 ? _kept.Offset(1, k) : ((k * segments) + segment) * n) + start;

            T* sums = stackalloc T[(int)Panel];
            new Span<T>(sums, (int)width).Fill(LaneFunctions.C<Lane1<T>, T>(TReducer.Identity).Sum());
            long r = first;
            for (; r <= last - 4; r += 4)
            {
                Four<TLane>(
                    x + _reduced.Offset(0, r), x + _reduced.Offset(0, r + 1), x + _reduced.Offset(0, r + 2), x + _reduced.Offset(0, r + 3), sums, width);
            }

            for (; r < last; r++)
            {
                T* row = x + _reduced.Offset(0, r);
                for (nint i = 0; i < width; i++)
                {
                    sums[i] = Join<TReducer, T>(sums[i], TReducer.Enter<Lane1<T>, T>(Lane1<T>.Load(row + i)).Sum());
                }
            }

            new ReadOnlySpan<T>(sums, (int)width).CopyTo(new Span<T>(y, (int)width));
        }

        private static void Four<TLane>(T* r0, T* r1, T* r2, T* r3, T* sums, nint width)
            where TLane : struct, ILane<TLane, T>
        {
            nint i = 0;
            for (; i <= width - TLane.Count; i += TLane.Count)
            {
                One<TLane>(r0, r1, r2, r3, sums, i);
            }

            for (; i < width; i++)
            {
                One<Lane1<T>>(r0, r1, r2, r3, sums, i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void One<TLane>(T* r0, T* r1, T* r2, T* r3, T* sums, nint i)
            where TLane : struct, ILane<TLane, T>
        {
            TLane a = TReducer.Combine<TLane, T>(TReducer.Enter<TLane, T>(TLane.Load(r0 + i)), TReducer.Enter<TLane, T>(TLane.Load(r1 + i)));
            TLane b = TReducer.Combine<TLane, T>(TReducer.Enter<TLane, T>(TLane.Load(r2 + i)), TReducer.Enter<TLane, T>(TLane.Load(r3 + i)));
            TReducer.Combine<TLane, T>(TLane.Load(sums + i), TReducer.Combine<TLane, T>(a, b)).Store(sums + i);
        }
    }
}
