using Thor.Kernels.Host;
using Xunit;

namespace Thor.Tests.Kernels;

[Collection(SharedPoolCollection.Name)]
[Trait("Simd", "true")]
public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void For_EveryPiece_RunsOnce(int count)
    {
        int[] visits = new int[count];
        WorkerPool.For(count, new Visit(visits));
        Assert.All(visits, visit => Assert.Equal(1, visit));
    }

    [Fact]
    public void For_ManyShortLoops_NeitherLosesNorMixesPieces()
    {
        for (int round = 0; round < 20_000; round++)
        {
            int[] visits = new int[(round % 7) + 1];
            WorkerPool.For(visits.Length, new Visit(visits));
            foreach (int visit in visits)
            {
                Assert.Equal(1, visit);
            }
        }
    }

    [Fact]
    public void For_PiecesThatMeet_RunOnSeveralThreads()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "This machine has one processor.");
        using Barrier barrier = new(2);
        bool[] met = new bool[2];
        WorkerPool.For(2, new Meet(barrier, met));
        Assert.All(met, Assert.True);
    }

    [Fact]
    public void For_CountNegative_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.For(-1, new Visit([])));

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void For_BodyThrows_CallerCatchesAndPoolGoesOn(int count)
    {
        for (int round = 0; round < 20; round++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => WorkerPool.For(count, new Fail(count / 2)));
            Assert.Equal("piece failed", error.Message);
            For_EveryPiece_RunsOnce(count);
        }
    }

    [Fact]
    public void For_Nested_RunsEveryInnerPiece()
    {
        int[] visits = new int[32 * 17];
        WorkerPool.For(32, new Nest(visits, 17));
        Assert.All(visits, visit => Assert.Equal(1, visit));
    }

    [Fact]
    public void For_ConcurrentCallers_EachRunAllTheirPieces()
    {
        Thread[] callers = new Thread[4];
        int[][] visits = new int[callers.Length][];
        for (int i = 0; i < callers.Length; i++)
        {
            int[] own = visits[i] = new int[100];
            callers[i] = new Thread(() =>
            {
                for (int round = 0; round < 500; round++)
                {
                    WorkerPool.For(own.Length, new Visit(own));
                }
            });
            callers[i].Start();
        }

        foreach (Thread caller in callers)
        {
            caller.Join();
        }

        Assert.All(visits, own => Assert.All(own, visit => Assert.Equal(500, visit)));
    }

    [Fact]
    public void For_WarmedUp_AllocatesNothing()
    {
        int[] visits = new int[16];
        WorkerPool.For(visits.Length, new Visit(visits));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            WorkerPool.For(visits.Length, new Visit(visits));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Threads_OutsideTheMachine_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Shared.Threads = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Shared.Threads = Environment.ProcessorCount + 1);
    }

    [Fact]
    public void Pieces_SmallLoop_IsOne()
    {
        Assert.Equal(1, WorkerPool.Pieces(0));
        Assert.Equal(1, WorkerPool.Pieces((2 * WorkerPool.Grain) - 1));
    }

    private readonly struct Visit(int[] visits) : IParallelBody
    {
        public void Invoke(int index) => Interlocked.Increment(ref visits[index]);
    }

    private readonly struct Meet(Barrier barrier, bool[] met) : IParallelBody
    {
        public void Invoke(int index) => met[index] = barrier.SignalAndWait(TimeSpan.FromSeconds(30));
    }

    private readonly struct Fail(int bad) : IParallelBody
    {
        public void Invoke(int index)
        {
            if (index == bad)
            {
                throw new InvalidOperationException("piece failed");
            }
        }
    }

    private readonly struct Nest(int[] visits, int width) : IParallelBody
    {
        public void Invoke(int index) => WorkerPool.For(width, new VisitFrom(visits, index * width));
    }

    private readonly struct VisitFrom(int[] visits, int start) : IParallelBody
    {
        public void Invoke(int index) => Interlocked.Increment(ref visits[start + index]);
    }
}
