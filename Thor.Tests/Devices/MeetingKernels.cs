#define MEETING
using Thor.Kernels;
using Thor.Kernels.Dialect;
using Numbers = Thor.Kernels.Dialect.ArrayView<int>;

namespace Thor.Tests.Devices;

/// <summary>Kernels whose threads meet in every way that the language allows.</summary>
internal static partial class MeetingKernels
{
    private const int Size = 64;

    /// <summary>y[i] = sum over the group of x, then each thread's neighbour's.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Sums(ReadOnlyView<int> x, Numbers y, int length)
    {
        Numbers shared = SharedMemory.Allocate<int>(Size);
        int sum = 0;
        for (int i = Group.IdxX; i < length; i += Size)
        {
            sum += x[i];
        }

        shared[Group.IdxX] = sum;
        AddUp(shared, Size);
        int total = shared[0];
        Group.Barrier();
        shared[Group.IdxX] = (1000 * total) + Group.IdxX;
        Meeting.Point();
#if MEETING
        y[Group.IdxX] = shared[(Group.IdxX + 1) % Size];
#else
        this is not compiled;
#endif
    }

    /// <summary>Every way to exchange values, by number.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Exchanges(ReadOnlyView<float> x, ArrayView<float> y, int way)
    {
        float value = x[Group.LinearIndex];
        int whole = (int)value;
        float received = 0f;
        switch (way)
        {
            case 0:
                received = Warp.Shuffle(value, 3);
                break;
            case 1:
                received = Warp.ShuffleDown(value,
                    delta: 7);
                break;
            case 2:
                received = Warp.ShuffleUp(delta: 2, value: value);
                break;
            case 3:
                received = Warp.ShuffleXor(value, 5);
                break;
            case 4:
                int one = Warp.Shuffle(whole, 31 - Warp.LaneIdx);
                int two = Warp.ShuffleDown(one, 1);
                two = Warp.ShuffleXor(two, 1);
                two = Warp.ShuffleUp(two, 1);
                received = two;
                break;
            default:
                if (way > 5)
                {
                    received = Warp.ShuffleXor(value, 1);
                }

                for (int step = 16; step > 0; step /= 2)
                {
                    float other = Warp.ShuffleXor(value, step);
                    value += other;
                }

                received += value;
                break;
        }

        y[Group.LinearIndex] = received;
    }

    /// <summary>Leaves early where all do, and pauses in helpers of helpers and in local functions.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Rounds(Numbers y, int rounds)
    {
        static void Meet()
        {
            Group.Barrier();
        }

        if (rounds < 0)
        {
            return;
        }

        for (int round = 0; round < rounds; round++)
        {
            if (round == 5)
            {
                break;
            }

            Pass(y, round);
            Meet();
            y[Group.IdxX] += y[Size + ((Group.IdxX + round) % Size)];
            Group.Barrier();
        }
    }

    /// <summary>Promises that a value is the same for all threads, which it is only where all elements are.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Promises(ReadOnlyView<int> x, Numbers y)
    {
        int count = Group.Uniform(x[Group.IdxX]);
        for (int i = 0; i < count; i++)
        {
            y[Group.IdxX] = i;
            Group.Barrier();
        }
    }

    /// <summary>Reads an element that there is not, behind a barrier.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Oversteps(Numbers y)
    {
        Group.Barrier();
        y[Group.IdxX] = y[Group.IdxX + 1]; // the line that must show
    }

    /// <summary>Instructions of a whole warp, in a loop and in helpers, with operands in another order than their names'.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Instructions(Numbers y, int rounds)
    {
        Numbers own = LocalMemory.Allocate<int>(2);
        own[0] = 100 * Group.IdxX;
        own[1] = 0;
        for (int round = 0; round < rounds; round++)
        {
            if (rounds > 1)
            {
                Take(ref own[1], own[0] + round,
                    Warp.LaneIdx + 1);
            }

            own[0] += 1;
        }

        TakeNext(own);
        y[Group.IdxX] = own[1];
    }

    /// <summary>Needs an instruction that only CUDA has.</summary>
    [Kernel(MaxGroupSize = Size)]
    public static void Lanes(Numbers y)
    {
        int lane = 0;
        ReadLane(ref lane);
        y[Group.IdxX] = lane;
    }

    [Ptx("mov.u32 %0, %laneid;")]
    private static void ReadLane(ref int lane) => throw new NotSupportedException("The processor has no lanes.");

    // Adds what the lane of that number, of 32, brings.
    [Ptx("{ .reg .b32 x; shfl.sync.idx.b32 x, %1, %2, 31, 0xffffffff; add.s32 %0, %0, x; }", NeedsWarp = true)]
    private static void Take(ref int sum, int value, int lane) => sum += KernelContext.Current.Operands(lane % Warp.WarpSize)[0];

    private static void TakeNext(Numbers own) => Take(lane: Warp.LaneIdx + 2, sum: ref own[1], value: own[0]);

    private static void AddUp(Numbers shared, int size)
    {
        for (int half = size / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                shared[Group.IdxX] += shared[Group.IdxX + half];
            }
        }

        Meeting.Point();
    }

    private static void Pass(Numbers y, int round)
    {
        if (round == 3)
        {
            y[Size + Group.IdxX] = 0;
            return;
        }

        y[Size + Group.IdxX] = Group.IdxX * round;
        Meeting.Twice(round);
    }
}
