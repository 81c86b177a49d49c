using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thor.Kernels.Host;

/// <summary>Work on one piece of a loop, written for any register width.</summary>
internal interface ILaneBody<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Does one piece.</summary>
    void Run<TLane>(int index)
        where TLane : struct, ILane<TLane, T>;
}

/// <summary>Runs bodies with the widest registers of this machine, on the worker pool.</summary>
internal static class Widest
{
    /// <summary>Runs pieces 0 to count - 1.</summary>
    public static void For<TBody, T>(int count, in TBody body)
        where TBody : struct, ILaneBody<T>
        where T : unmanaged, INumber<T> => WorkerPool.For(count, new Adapter<TBody, T>(body));

    /// <summary>Runs the only piece on the calling thread, which may be one of the pool's.</summary>
    public static void Here<TBody, T>(in TBody body)
        where TBody : struct, ILaneBody<T>
        where T : unmanaged, INumber<T> => new Adapter<TBody, T>(body).Invoke(0);

    /// <summary>Pieces of about that many elements: a function of the length alone, so that the cut never shows in a result.</summary>
    public static int Pieces(long length, long grain) => checked((int)Math.Max(1, (length + grain - 1) / grain));

    /// <summary>Where piece number <paramref name="index"/> of a range cut evenly begins.</summary>
    public static long Start(long length, int pieces, int index) => (long)((Int128)length * index / pieces);

    private readonly struct Adapter<TBody, T>(TBody body) : IParallelBody
        where TBody : struct, ILaneBody<T>
        where T : unmanaged, INumber<T>
    {
        private readonly TBody _body = body;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke(int index)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                _body.Run<Lane512<T>>(index);
            }
            else if (Vector256.IsHardwareAccelerated)
            {
                _body.Run<Lane256<T>>(index);
            }
            else
            {
                _body.Run<Lane1<T>>(index);
            }
        }
    }
}
