using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Thor.Kernels.Host;

/// <summary>
/// Persistent threads that share the pieces of a loop with the thread that asked for it. A launch allocates nothing;
/// idle threads sleep.
/// </summary>
/// <remarks>
/// One loop runs at a time. A loop started inside another, or while another thread's loop is running, runs on its own
/// thread alone. Which thread does which piece is left to chance, so results may depend on the pieces but never on the
/// threads: split work by its shape, or so that the split does not matter.
/// </remarks>
public sealed unsafe class WorkerPool
{
    /// <summary>
    /// Work that is worth handing to another thread, in elements of a vectorised loop (a few microseconds): a piece
    /// should not be smaller, and a loop of fewer than two such pieces should be one piece.
    /// </summary>
    public const int Grain = 32768;

    // A worker out of work looks for more this long before it sleeps: from one pass of an operation to the next, which
    // waking a sleeper takes ten times as long as. Past the first microseconds it offers its processor to others.
    private static readonly long s_busyTicks = Stopwatch.Frequency * 3 / 1_000_000;
    private static readonly long s_idleTicks = Stopwatch.Frequency * 20 / 1_000_000;

    // The caller waits for pieces that are being worked on, so it may look longer.
    private static readonly long s_lastPieceTicks = Stopwatch.Frequency * 100 / 1_000_000;

    [ThreadStatic]
    private static bool t_inside;

    private readonly Worker[] _workers = new Worker[Environment.ProcessorCount - 1];
    private readonly object _gate = new();
    private Claims _claims;
    private delegate*<void*, int, void> _invoke;
    private void* _body;
    private int _count;
    private int _busy;
    private int _threads = Environment.ProcessorCount;
    private bool _callerSleeps;
    private Exception? _failure;

    private WorkerPool()
    {
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Worker(this, i);
        }
    }

    /// <summary>The pool of this process: one thread per processor, the caller's included.</summary>
    public static WorkerPool Shared { get; } = new();

    /// <summary>Threads that share a loop, the caller's included: from 1 to the number of processors, which is the default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public int Threads
    {
        get => Volatile.Read(ref _threads);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Environment.ProcessorCount);
            Volatile.Write(ref _threads, value);
        }
    }

    /// <summary>Runs pieces 0 to count - 1 and returns when all are done.</summary>
    /// <param name="count">Number of pieces; 0 does nothing.</param>
    /// <param name="body">What a piece does. Every thread works on one shared copy.</param>
    /// <remarks>An exception of a piece is thrown here after the others have finished; of several, one.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static void For<TBody>(int count, in TBody body)
        where TBody : struct, IParallelBody
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        TBody copy = body;
        if (count > 1 && Shared.Enter())
        {
            try
            {
                Shared.Run(count, &Invoke<TBody>, Unsafe.AsPointer(ref copy));
            }
            finally
            {
                Shared.Leave();
            }

            return;
        }

        for (int i = 0; i < count; i++)
        {
            copy.Invoke(i);
        }
    }

    /// <summary>Runs an action whose loops stay on this thread: work in the background leaves the pool to others.</summary>
    public static void Alone(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        bool outer = t_inside;
        t_inside = true;
        try
        {
            action();
        }
        finally
        {
            t_inside = outer;
        }
    }

    /// <summary>
    /// How many pieces to cut a loop into whose result does not depend on the cut: one below twice the
    /// <see cref="Grain"/>, else up to four per thread.
    /// </summary>
    /// <param name="elements">Length of the loop in elements.</param>
    public static int Pieces(long elements)
    {
        int threads = Shared.Threads;
        return threads == 1 ? 1 : (int)Math.Clamp(elements / Grain, 1, 4L * threads);
    }

    // The address is that of a local of For, which outlives the loop.
    private static void Invoke<TBody>(void* body, int index)
        where TBody : struct, IParallelBody => Unsafe.AsRef<TBody>(body).Invoke(index);

    private bool Enter()
    {
        if (t_inside || Threads == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            return false;
        }

        t_inside = true;
        return true;
    }

    private void Leave()
    {
        t_inside = false;
        Volatile.Write(ref _busy, 0);
    }

    private void Run(int count, delegate*<void*, int, void> invoke, void* body)
    {
        _invoke = invoke;
        _body = body;
        _count = count;
        Volatile.Write(ref _claims.Unfinished, count);

        // From here on pieces can be claimed: a full fence, so that everything above is seen first and sleepers are looked for after.
        Interlocked.Exchange(ref _claims.Unclaimed, count);
        int helpers = Math.Min(Threads, count) - 1;
        for (int i = 0; i < helpers; i++)
        {
            _workers[i].Wake();
        }

        Work();
        AwaitLast();
        if (_failure is { } failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// Does pieces until none is left. A piece claimed belongs to the loop that is running now, however late the thread
    /// comes: that loop cannot end before the piece is done, so its fields are stable from the claim on.
    /// </summary>
    private void Work()
    {
        while (Volatile.Read(ref _claims.Unclaimed) > 0)
        {
            int left = Interlocked.Decrement(ref _claims.Unclaimed);
            if (left < 0)
            {
                return;
            }

            try
            {
                _invoke(_body, _count - 1 - left);
            }
            catch (Exception exception)
            {
                // Handed to the thread that started the loop, which throws it.
                Interlocked.CompareExchange(ref _failure, exception, null);
            }

            if (Interlocked.Decrement(ref _claims.Unfinished) == 0 && Volatile.Read(ref _callerSleeps))
            {
                lock (_gate)
                {
                    Monitor.Pulse(_gate);
                }
            }
        }
    }

    private void AwaitLast()
    {
        long start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _claims.Unfinished) != 0)
        {
            if (Pause(start, s_lastPieceTicks))
            {
                continue;
            }

            lock (_gate)
            {
                Volatile.Write(ref _callerSleeps, true);
                Interlocked.MemoryBarrier();
                while (Volatile.Read(ref _claims.Unfinished) != 0)
                {
                    Monitor.Wait(_gate);
                }

                Volatile.Write(ref _callerSleeps, false);
            }
        }
    }

    /// <summary>Passes a little time of a wait that began at start; false when the wait has lasted too long.</summary>
    private static bool Pause(long start, long limit)
    {
        long waited = Stopwatch.GetTimestamp() - start;
        if (waited < s_busyTicks)
        {
            Thread.SpinWait(1);
        }
        else
        {
            Thread.Yield();
        }

        return waited < limit;
    }

    /// <summary>The contended counters, each on cache lines of its own.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 384)]
    private struct Claims
    {
        [System.Runtime.InteropServices.FieldOffset(128)]
        public int Unclaimed;

        [System.Runtime.InteropServices.FieldOffset(256)]
        public int Unfinished;
    }

    private sealed class Worker(WorkerPool pool, int index)
    {
        private readonly object _sleep = new();
        private bool _sleeps;
        private Thread? _thread;

        public void Wake()
        {
            if (_thread is null)
            {
                _thread = new Thread(Loop) { IsBackground = true, Name = $"Thor worker {index + 1}" };
                _thread.Start();
            }
            else if (Volatile.Read(ref _sleeps))
            {
                lock (_sleep)
                {
                    Monitor.Pulse(_sleep);
                }
            }
        }

        // A worker outside the number of threads asked for leaves the pieces to others.
        private bool HasWork() => Volatile.Read(ref pool._claims.Unclaimed) > 0 && index < pool.Threads - 1;

        private void Loop()
        {
            t_inside = true;
            while (true)
            {
                long start = Stopwatch.GetTimestamp();
                while (!HasWork() && Pause(start, s_idleTicks))
                {
                }

                // Woken too late for the loop it was woken for, the worker looks again before it sleeps on: the next is near.
                if (!HasWork())
                {
                    lock (_sleep)
                    {
                        Volatile.Write(ref _sleeps, true);
                        Interlocked.MemoryBarrier();
                        if (!HasWork())
                        {
                            Monitor.Wait(_sleep);
                        }

                        Volatile.Write(ref _sleeps, false);
                    }
                }

                if (HasWork())
                {
                    pool.Work();
                }
            }
        }
    }
}
