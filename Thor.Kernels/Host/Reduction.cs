using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Reductions over any axes, accumulated in the element type. The order of additions is a function of the shape and the
/// register width: pairwise over blocks, so that the error grows with the logarithm of the length.
/// </summary>
public static unsafe partial class Reduction
{
    // Registers that are summed into four before pairs of such blocks are added.
    private const long BlockRegisters = 256;

    // More results than this are shared out whole; of fewer, each is cut into segments of its own.
    private const long ManyResults = 64;

    private const int MostSegments = 64;

    /// <summary>
    /// y = reduction of x. The loop's operands are x, with stride 1 along the innermost axis, and y, contiguous, with stride 0
    /// along the reduced axes.
    /// </summary>
    /// <param name="operation">What to do.</param>
    /// <param name="loop">The elements of x and where they go.</param>
    /// <param name="x">First element.</param>
    /// <param name="y">First result.</param>
    /// <param name="results">Number of results.</param>
    public static void Reduce<T>(ReduceOperation operation, in StridedLoop loop, T* x, T* y, long results)
        where T : unmanaged, INumber<T>
    {
        switch (operation)
        {
            case ReduceOperation.Sum:
                Reduce<SumReducer, T>(loop, x, y, results);
                break;
            case ReduceOperation.SumOfSquares:
                Reduce<SumOfSquaresReducer, T>(loop, x, y, results);
                break;
            case ReduceOperation.Maximum:
                Reduce<MaximumReducer, T>(loop, x, y, results);
                break;
            case ReduceOperation.Minimum:
                Reduce<MinimumReducer, T>(loop, x, y, results);
                break;
            case ReduceOperation.Mean:
                Reduce<SumReducer, T>(loop, x, y, results);
                T count = T.CreateTruncating(results == 0 ? 1 : loop.Length / results);
                for (long i = 0; i < results; i++)
                {
                    y[i] /= count;
                }

                break;
            default:
                throw new NotSupportedException($"There is no reduction {operation}.");
        }
    }

    /// <summary>Sum of a contiguous run, pairwise over blocks.</summary>
    internal static T Sum<TLane, T>(T* x, long n)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => Run<SumReducer, TLane, T>(x, n);

    /// <summary>Largest element of a contiguous run; NaN if there is one.</summary>
    internal static T Largest<TLane, T>(T* x, long n)
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T> => Run<MaximumReducer, TLane, T>(x, n);

    private static void Reduce<TReducer, T>(in StridedLoop loop, T* x, T* y, long results)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T>
    {
        if (loop.Length == 0)
        {
            // Only sums get here with results: the others refuse to reduce nothing.
            new Span<T>(y, checked((int)results)).Clear();
            return;
        }

        if (loop.InnerStride(1) == 0)
        {
            AlongRows<TReducer, T>(loop, x, y, results);
        }
        else
        {
            AcrossRows<TReducer, T>(loop, x, y);
        }
    }

    /// <summary>The innermost axis is reduced, perhaps with others outside.</summary>
    private static void AlongRows<TReducer, T>(in StridedLoop loop, T* x, T* y, long results)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T>
    {
        StridedLoop kept = loop.Outer(1, repeats: false);
        StridedLoop reduced = loop.Outer(1, repeats: true);
        long perResult = loop.Inner * reduced.Length;
        long segments = results >= ManyResults ? 1 : Math.Clamp(perResult / RowPlan.CheapGrain, 1, MostSegments);
        bool cutInner = reduced.Length < segments;
        if (segments == 1)
        {
            int pieces = (int)Math.Min(results, Widest.Pieces(loop.Length, RowPlan.CheapGrain));
            Widest.For<AlongBody<TReducer, T>, T>(pieces, new AlongBody<TReducer, T>(kept, reduced, loop.Inner, x, y, results, pieces, 1, false));
            return;
        }

        T* partial = (T*)NativeMemory.Alloc((nuint)(results * segments), (nuint)sizeof(T));
        try
        {
            int pieces = (int)(results * segments);
            Widest.For<AlongBody<TReducer, T>, T>(
                pieces, new AlongBody<TReducer, T>(kept, reduced, loop.Inner, x, partial, results, pieces, (int)segments, cutInner));
            for (long i = 0; i < results; i++)
            {
                y[i] = Pairwise<TReducer, T>(partial + (i * segments), segments);
            }
        }
        finally
        {
            NativeMemory.Free(partial);
        }
    }

    /// <summary>A contiguous run: four registers per block, blocks pairwise.</summary>
    private static T Run<TReducer, TLane, T>(T* x, long n)
        where TReducer : struct, IReducer
        where TLane : struct, ILane<TLane, T>
        where T : unmanaged, INumber<T>
    {
        long block = BlockRegisters * TLane.Count;
        if (n > block)
        {
            long half = ((n / 2) + block - 1) / block * block;
            return Join<TReducer, T>(Run<TReducer, TLane, T>(x, half), Run<TReducer, TLane, T>(x + half, n - half));
        }

        nint i = 0;
        TLane identity = LaneFunctions.C<TLane, T>(TReducer.Identity);
        TLane s0 = identity;
        if (n >= 4 * TLane.Count)
        {
            TLane s1 = identity;
            TLane s2 = identity;
            TLane s3 = identity;
            for (; i <= n - (4 * TLane.Count); i += 4 * TLane.Count)
            {
                s0 = TReducer.Combine<TLane, T>(s0, TReducer.Enter<TLane, T>(TLane.Load(x + i)));
                s1 = TReducer.Combine<TLane, T>(s1, TReducer.Enter<TLane, T>(TLane.Load(x + i + TLane.Count)));
                s2 = TReducer.Combine<TLane, T>(s2, TReducer.Enter<TLane, T>(TLane.Load(x + i + (2 * TLane.Count))));
                s3 = TReducer.Combine<TLane, T>(s3, TReducer.Enter<TLane, T>(TLane.Load(x + i + (3 * TLane.Count))));
            }

            s0 = TReducer.Combine<TLane, T>(TReducer.Combine<TLane, T>(s0, s1), TReducer.Combine<TLane, T>(s2, s3));
        }

        for (; i <= n - TLane.Count; i += TLane.Count)
        {
            s0 = TReducer.Combine<TLane, T>(s0, TReducer.Enter<TLane, T>(TLane.Load(x + i)));
        }

        T result = TReducer.Fold<TLane, T>(s0);
        for (; i < n; i++)
        {
            result = Join<TReducer, T>(result, TReducer.Enter<Lane1<T>, T>(Lane1<T>.Load(x + i)).Sum());
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Join<TReducer, T>(T a, T b)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T> => TReducer.Combine<Lane1<T>, T>(Lane1<T>.All(a), Lane1<T>.All(b)).Sum();

    private static T Pairwise<TReducer, T>(T* x, long n)
        where TReducer : struct, IReducer
        where T : unmanaged, INumber<T> => n == 1
            ? *x
            : Join<TReducer, T>(Pairwise<TReducer, T>(x, n / 2), Pairwise<TReducer, T>(x + (n / 2), n - (n / 2)));

    /// <summary>
    /// Results, or segments of results where there are few: segment s of result k is element k * segments + s of y. A segment is
    /// a range of the reduced outer axes, or of the innermost axis.
    /// </summary>
    private readonly struct AlongBody<TReducer, T>(
        StridedLoop kept, StridedLoop reduced, long inner, T* x, T* y, long results, int pieces, int segments, bool cutInner) : ILaneBody<T>
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
            long last = Widest.Start(results * segments, pieces, index + 1);
            for (long i = Widest.Start(results * segments, pieces, index); i < last; i++)
            {
                (long result, long segment) = Math.DivRem(i, segments);
                T* x = _x + _kept.Offset(0, result);
                long first = cutInner ? 0 : Widest.Start(_reduced.Length, segments, (int)segment);
                long end = cutInner ? _reduced.Length : Widest.Start(_reduced.Length, segments, (int)segment + 1);
                long start = cutInner ? Widest.Start(inner, segments, (int)segment) : 0;
                long stop = cutInner ? Widest.Start(inner, segments, (int)segment + 1) : inner;
                _y[i] = Rows<TLane>(x + start, first, end - first, stop - start);
            }
        }

        private T Rows<TLane>(T* x, long first, long count, long n)
            where TLane : struct, ILane<TLane, T> => count == 1
                ? Run<TReducer, TLane, T>(x + _reduced.Offset(0, first), n)
                : Join<TReducer, T>(Rows<TLane>(x, first, count / 2, n), Rows<TLane>(x, first + (count / 2), count - (count / 2), n));
    }
}
