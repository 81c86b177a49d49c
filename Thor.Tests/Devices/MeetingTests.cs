using System.Globalization;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Dialect;
using Xunit;

namespace Thor.Tests.Devices;

/// <summary>Kernels whose threads meet, on every device; and what the processor finds in them.</summary>
public sealed class MeetingTests
{
    private const int Size = 64;

    [Theory]
    [MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Sums_PausesInHelpers_EveryThreadSeesTheOthers(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<int> x = device.Allocate([.. Enumerable.Range(0, 1001)]);
        using MemoryBuffer<int> y = device.Allocate<int>(Size);
        device.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.SumsKernel(x.View, y.View, 1001));
        Assert.Equal(Enumerable.Range(0, Size).Select(i => 500_500_000 + ((i + 1) % Size)), y.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Exchanges_EveryWay_GivesTheValueOfTheLane(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        float[] values = [.. Enumerable.Range(0, Size).Select(i => (float)(i * i % 101))];
        using MemoryBuffer<float> x = device.Allocate(values);
        using MemoryBuffer<float> y = device.Allocate<float>(Size);
        Func<int, float>[] expected =
        [
            i => values[(i & 32) | 3],
            i => values[(i & 31) + 7 < 32 ? i + 7 : i],
            i => values[(i & 31) >= 2 ? i - 2 : i],
            i => values[i ^ 5],
            i => FourInARow(i & 32)[i & 31],
            i => values.Skip(i & 32).Take(32).Sum(),
            i => values.Skip(i & 32).Take(32).Sum() + values[i ^ 1],
        ];
        for (int way = 0; way < expected.Length; way++)
        {
            device.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.ExchangesKernel(x.View, y.View, way));
            Assert.Equal(Enumerable.Range(0, Size).Select(expected[way]), y.ToArray());
        }

        // The four exchanges of way 4, one after the other.
        float[] FourInARow(int first)
        {
            float[] one = [.. Enumerable.Range(0, 32).Select(lane => values[first + 31 - lane])];
            float[] down = [.. Enumerable.Range(0, 32).Select(lane => one[lane == 31 ? 31 : lane + 1])];
            float[] crossed = [.. Enumerable.Range(0, 32).Select(lane => down[lane ^ 1])];
            return [.. Enumerable.Range(0, 32).Select(lane => crossed[lane == 0 ? 0 : lane - 1])];
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.OwnKinds), MemberType = typeof(TestDevices))]
    public void Rounds_JumpsThatAllThreadsTake_AllPauseAlike(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        foreach (int rounds in new[] { -1, 0, 1, 4, 9 })
        {
            using MemoryBuffer<int> y = device.Allocate(new int[2 * Size]);
            device.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.RoundsKernel(y.View, rounds));
            int[] expected = new int[Size];
            for (int round = 0; round < Math.Min(rounds, 5); round++)
            {
                for (int i = 0; i < Size && round != 3; i++)
                {
                    expected[i] += (i + round) % Size * round;
                }
            }

            Assert.Equal(expected, y.ToArray()[..Size]);
        }
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void Instructions_OfAWarp_SeeTheOperandsOfTheLanes(string kind)
    {
        Accelerator device = TestDevices.Require(kind);
        using MemoryBuffer<int> y = device.Allocate<int>(Size);
        device.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.InstructionsKernel(y.View, 3));

        // Three rounds bring what the next lane has, which grows by two in each: once by itself and once by the round.
        Assert.Equal(Enumerable.Range(0, Size).Select(static i => (3 * 100 * Lane(i, 1)) + 6 + (100 * Lane(i, 2)) + 3), y.ToArray());
    }

    [Fact]
    public void Instructions_OfAWarpThatIsNotWhole_AreFound()
    {
        Accelerator cpu = TestDevices.Require("cpu");
        using MemoryBuffer<int> y = cpu.Allocate<int>(Size);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(
            () => cpu.Stream.Launch(new KernelConfig(1, 40), new MeetingKernels.InstructionsKernel(y.View, 1)));
        Assert.Contains("needs groups of a multiple of 32 threads, not 40 in kernel MeetingKernels_Instructions", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Promises_Kept_RunsAndBroken_IsFoundAtItsLine()
    {
        Accelerator cpu = TestDevices.Require("cpu");
        int[] data = [.. Enumerable.Repeat(3, Size)];
        using MemoryBuffer<int> x = cpu.Allocate(data);
        using MemoryBuffer<int> y = cpu.Allocate<int>(Size);
        cpu.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.PromisesKernel(x.View, y.View));
        Assert.All(y.ToArray(), value => Assert.Equal(2, value));

        data[17] = 4;
        x.CopyFrom(data);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(
            () => cpu.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.PromisesKernel(x.View, y.View)));
        Assert.Contains($"Group.Uniform at line {Line("Group.Uniform(x[Group.IdxX])")} ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("it is 4 here and 3 in an earlier thread in kernel MeetingKernels_Promises, group (0, 0, 0), thread (17, 0, 0)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Oversteps_IndexBehindABarrier_StackShowsTheLineOfTheKernel()
    {
        Accelerator cpu = TestDevices.Require("cpu");
        using MemoryBuffer<int> y = cpu.Allocate<int>(Size);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(
            () => cpu.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.OverstepsKernel(y.View)));
        Assert.Contains("thread (63, 0, 0)", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"MeetingKernels.cs:line {Line("the line that must show")}", fault.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void Lanes_InstructionWithoutAnEquivalent_SaysSoAndWhere()
    {
        Accelerator cpu = TestDevices.Require("cpu");
        using MemoryBuffer<int> y = cpu.Allocate<int>(Size);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(
            () => cpu.Stream.Launch(new KernelConfig(1, Size), new MeetingKernels.LanesKernel(y.View)));
        Assert.IsType<NotSupportedException>(fault.InnerException);
        Assert.Equal(
            "NotSupportedException in kernel MeetingKernels_Lanes, group (0, 0, 0), thread (0, 0, 0): The processor has no lanes.", fault.Message);
    }

    private static string Line(string text, [System.Runtime.CompilerServices.CallerFilePath] string path = "")
    {
        string source = Path.Combine(Path.GetDirectoryName(path)!, "MeetingKernels.cs");
        Assert.SkipUnless(File.Exists(source), $"The sources of the tests are not at {source}.");
        int index = Array.FindIndex(File.ReadAllLines(source), line => line.Contains(text, StringComparison.Ordinal));
        return (index + 1).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The thread that many lanes after one, around the end of its warp.</summary>
    private static int Lane(int thread, int after) => (thread / 32 * 32) + ((thread + after) % 32);
}
