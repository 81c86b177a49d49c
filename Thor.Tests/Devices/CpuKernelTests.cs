using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Thor.Kernels.Host;
using Thor.Tests.Kernels;
using Xunit;
using static Thor.Tests.Devices.CpuTestKernels;

namespace Thor.Tests.Devices;

/// <summary>What threads of a group may rely on, and what is found when they break the rules.</summary>
[Collection(SharedPoolCollection.Name)]
public sealed class CpuKernelTests : IDisposable
{
    private readonly Accelerator _cpu = Accelerator.Open("cpu");

    public void Dispose() => _cpu.Dispose();

    [Fact]
    public void Barrier_SharedMemory_ShowsWritesOfTheOtherThreads()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(48);
            shared[Group.IdxX] = (100 * Grid.IdxX) + Group.IdxX;
            yield return 1;
            view[(Grid.IdxX * 48) + Group.IdxX] = shared[47 - Group.IdxX];
        }

        int[] result = InRounds(5 * 48, 5, 48, Body);
        Assert.Equal(Enumerable.Range(0, 240).Select(i => (100 * (i / 48)) + 47 - (i % 48)), result);
    }

    [Fact]
    public void SharedMemory_NotWritten_ReadsAsNaNInEveryGroup()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            ArrayView<float> shared = SharedMemory.Allocate<float>(2);
            view[(Grid.IdxX * 2) + Group.IdxX] = float.IsNaN(shared[Group.IdxX]) ? 1 : 2;
            yield return 1;
            shared[Group.IdxX] = 1f;
        }

        Assert.All(InRounds(200, 100, 2, Body), value => Assert.Equal(1, value));
    }

    [Fact]
    public void SharedMemory_SizesDisagree_IsFound()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            SharedMemory.Allocate<float>(Group.IdxX + 1);
            yield return 1;
        }

        Assert.Contains("2 elements of Single against 4 bytes", Fault(() => InRounds(1, 1, 2, Body)), StringComparison.Ordinal);
    }

    [Fact]
    public void SharedMemory_OverTheLimit_IsFound()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            SharedMemory.Allocate<float>(1000);
            SharedMemory.Allocate<float>(60_000);
            yield return 1;
        }

        Assert.Contains("60000 elements of Single do not fit into shared memory of 232448 bytes, 4000 of them in use", Fault(() => InRounds(1, 1, 2, Body)), StringComparison.Ordinal);
    }

    [Fact]
    public void DynamicSharedMemory_TwoCalls_SameBytesOfTheSizeAsked()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            ArrayView<int> numbers = SharedMemory.GetDynamic<int>();
            ArrayView<float> floats = SharedMemory.GetDynamic<float>();
            view[Group.IdxX] = numbers[Group.IdxX] + (10 * numbers.IntLength);
            yield return 1;
            floats[Group.IdxX] = 1f;
            yield return 2;
            view[2 + Group.IdxX] = numbers[1 - Group.IdxX];
        }

        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(4);
        _cpu.Stream.Launch(new KernelConfig(1, 2, 8), new Rounds(buffer.View, Body));
        Assert.Equal([19, 19, 0x3F800000, 0x3F800000], buffer.ToArray());
    }

    [Fact]
    public void LocalMemory_EachThread_HasItsOwn()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            ArrayView<int> local = LocalMemory.Allocate<int>(3000);
            view[Group.IdxX] = local[2999];
            local[0] = Group.IdxX;
            yield return 1;
            view[Group.IdxX] += local[0];
        }

        Assert.Equal(Enumerable.Range(-1, 64), InRounds(64, 1, 64, Body));
    }

    [Fact]
    public void LocalMemory_ThreadAfterThread_StartsUnwritten()
    {
        int[] result = Through(100, 10, 10, view =>
        {
            ArrayView<int> local = LocalMemory.Allocate<int>(4);
            view[(Grid.IdxX * 10) + Group.IdxX] = local[3];
            local[3] = 7;
        });
        Assert.All(result, value => Assert.Equal(-1, value));
    }

    [Fact]
    public void Exchange_LanesOfAPartialWarp_GiveTheirOwnValueWhereThereIsNoLane()
    {
        // 40 threads: a full warp and one of 8. Two exchanges one after the other must not mix.
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            int t = Group.LinearIndex;
            KernelContext.Current.Offer(t, Warp.LaneIdx + 5);
            yield return 1;
            int down = KernelContext.Current.Receive();
            KernelContext.Current.Offer(1000 + t, Warp.LaneIdx - 1);
            yield return 2;
            int up = KernelContext.Current.Receive();
            view[t] = down;
            view[40 + t] = up;
        }

        int[] result = InRounds(80, 1, 40, Body);
        Assert.Equal(Enumerable.Range(0, 40).Select(t => t < 32 ? (t < 27 ? t + 5 : t) : (t < 35 ? t + 5 : t)), result[..40]);
        Assert.Equal(Enumerable.Range(0, 40).Select(t => 1000 + (t % 32 == 0 ? t : t - 1)), result[40..]);
    }

    [Fact]
    public void Barrier_ThreadEndsBeforeIt_NamesBothThreads()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            if (Group.IdxX == 3)
            {
                yield break;
            }

            yield return 41;
        }

        string message = Fault(() => InRounds(1, 2, 4, Body));
        Assert.Equal("Divergent barrier in kernel Rounds, group (0, 0, 0): thread (0, 0, 0) waits at line 41, thread (3, 0, 0) has ended (Hand.cs:1).", message);
    }

    [Fact]
    public void Barrier_ThreadsAtTwoLines_NamesBothLines()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            yield return Group.IdxY == 1 ? 57 : 41;
        }

        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(1);
        string message = Fault(() => _cpu.Stream.Launch(new KernelConfig(1, (2, 2)), new Rounds(buffer.View, Body)));
        Assert.Contains("thread (0, 0, 0) waits at line 41, thread (0, 1, 0) waits at line 57", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Barrier_ThreadGoesRoundOnceMore_IsFound()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            for (int i = 0; i < 4 + (Group.IdxX / 7); i++)
            {
                yield return 12;
            }
        }

        Assert.Contains("thread (0, 0, 0) has ended, thread (7, 0, 0) waits at line 12", Fault(() => InRounds(1, 1, 8, Body)), StringComparison.Ordinal);
    }

    [Fact]
    public void Uniform_ValuesDiffer_IsFound()
    {
        static IEnumerator<int> Body(ArrayView<int> view)
        {
            for (int i = 0; i < 3; i++)
            {
                KernelContext.Current.CheckUniform(9, i + (Group.IdxX == 5 && i == 2 ? 1 : 0));
            }

            yield return 1;
        }

        Assert.Contains("line 9 was promised the same value in all threads of the group; it is 3 here and 2", Fault(() => InRounds(1, 1, 8, Body)), StringComparison.Ordinal);
    }

    [Fact]
    public void Index_OutsideAView_NamesKernelGroupAndThread()
    {
        string message = Fault(() => Through(20, 4, 8, view => view[(Grid.IdxX * 8) + Group.IdxX] = 1));
        Assert.Equal("Index 20 is outside a view of 20 elements of Int32 in kernel Through, group (2, 0, 0), thread (4, 0, 0).", message);
    }

    [Fact]
    public void Exception_OfAKernel_ArrivesWithThePlaceAndTheCause()
    {
        KernelFaultException fault = Assert.Throws<KernelFaultException>(() => Through(1, 1, 4, view => view[0] = 7 / (2 - Group.IdxX)));
        Assert.StartsWith("DivideByZeroException in kernel Through, group (0, 0, 0), thread (2, 0, 0)", fault.Message, StringComparison.Ordinal);
        Assert.IsType<DivideByZeroException>(fault.InnerException);
    }

    [Fact]
    public void Fault_InSeveralGroups_IsThatOfTheFirst()
    {
        for (int i = 0; i < 50; i++)
        {
            string message = Fault(() => Through(1, 64, 2, view => view[Grid.IdxX < 11 ? 0 : Grid.IdxX] = 1));
            Assert.Contains("group (11, 0, 0), thread (0, 0, 0)", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fault_InOneLaunch_LeavesTheDeviceUsable()
    {
        Fault(() => Through(1, 1, 2, view => view[-1] = 1));
        Assert.Equal([1, 1], Through(2, 1, 2, view => view[Group.IdxX] = 1));
        Assert.Throws<InvalidOperationException>(() => Group.IdxX);
    }

    [Fact]
    public void Launch_AnyNumberOfOsThreads_SameBits()
    {
        float[] data = [.. Enumerable.Range(0, 64 * 64).Select(i => MathF.Sin(i))];
        using MemoryBuffer<float> a = _cpu.Allocate(data);
        using MemoryBuffer<float> c = _cpu.Allocate<float>(64 * 64);
        int before = WorkerPool.Shared.Threads;
        try
        {
            List<float[]> results = [];
            for (int threads = 1; threads <= Environment.ProcessorCount; threads++)
            {
                WorkerPool.Shared.Threads = threads;
                c.Clear();
                _cpu.Stream.Launch(new KernelConfig((4, 4), (16, 16)), new TiledProduct(a.View, a.View, c.View, 64));
                results.Add(c.ToArray());
            }

            Assert.All(results, result => Assert.Equal(results[0], result));
        }
        finally
        {
            WorkerPool.Shared.Threads = before;
        }
    }

    private static string Fault(Action launch) => Assert.Throws<KernelFaultException>(launch).Message;

    private int[] InRounds(int length, int groups, int threads, Func<ArrayView<int>, IEnumerator<int>> body)
    {
        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(length);
        _cpu.Stream.Launch(new KernelConfig(groups, threads), new Rounds(buffer.View, body));
        return buffer.ToArray();
    }

    private int[] Through(int length, int groups, int threads, Action<ArrayView<int>> body)
    {
        using MemoryBuffer<int> buffer = _cpu.Allocate<int>(length);
        _cpu.Stream.Launch(new KernelConfig(groups, threads), new Through(buffer.View, body));
        return buffer.ToArray();
    }
}
