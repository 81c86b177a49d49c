using Thor.Kernels;
using Thor.Kernels.Dialect;

namespace Thor.Tests.Translator;

/// <summary>Constructs of the kernel language, each in a kernel whose results are whole numbers, equal on all devices.</summary>
internal static partial class ConstructKernels
{
    public const int GroupSize = 48;

    /// <summary>A number pair with a constructor and an operator.</summary>
    internal struct Pair
    {
        public float First;
        public int Second;

        public Pair(float first, int second)
        {
            First = first;
            Second = second;
        }

        public static Pair operator +(Pair a, Pair b) => new(a.First + b.First, a.Second + b.Second);
    }

    internal readonly record struct Place(int Row, int Column);

    internal interface IRule
    {
        static abstract float Apply(float x);
    }

    internal struct Twice : IRule
    {
        public static float Apply(float x) => 2f * x;
    }

    internal struct Square : IRule
    {
        public static float Apply(float x) => x * x;
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Structs(ReadOnlyView<Pair> x, ArrayView<Pair> y, Pair added, int count)
    {
        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            Pair sum = x[i] + added;
            Pair other = new() { First = 1f, Second = i };
            sum.Second += new Place(i, 3).Column + other.Second;
            Scale(ref sum, 2f);
            y[i] = sum;
            y[i].First += default(Pair).First + other.First;
        }
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Generics(ReadOnlyView<float> x, ArrayView<float> y, int count)
    {
        static float Local(float value) => value + 1f;

        int i = Grid.GlobalIndex.X;
        if (i < count)
        {
            y[i] = Map<Twice>(x[i]) + Map<Square>(x[i]) + Local(First(x.SubView(i))) + First<float>(x, i);
        }
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Vectors(ReadOnlyView<float> x, ArrayView<float> y)
    {
        FloatX2 two = x.Cast<FloatX2>()[1];
        FloatX4 four = x.Cast<FloatX4>()[1];
        FloatX8 eight = x.Cast<FloatX8>()[1];
        FloatX16 sixteen = x.Cast<FloatX16>()[1];
        two = (2f * two) + new FloatX2(1f, two.Y);
        four = Fused.MultiplyAdd(four, four, FloatX4.Splat(1f)) - new FloatX4(four.W, four.Z, four.Y, four.X);
        four.X *= 3f;
        eight = Fused.MultiplyAdd(2f, eight, eight * eight);
        eight.S7 = eight.S0 + eight.S1;
        sixteen = sixteen + (3f * sixteen);
        sixteen.SF += sixteen.SA;
        y.Cast<FloatX2>()[0] = two;
        y.Cast<FloatX4>()[1] = four;
        y.Cast<FloatX8>()[1] = eight;
        ArrayView<FloatX16> wide = y.Cast<FloatX16>();
        wide[1] = sixteen;
        y[2] = wide.Length + y.IntLength + x.SubView(3).Length + x.SubView(1, 2).IntLength;
        wide[2] = default;
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Views(ReadOnlyView<byte> x, ArrayView<ushort> y, ArrayView<int> z, bool flag, SpecializedValue<int> size)
    {
        int n = size.Value * 2;
        ArrayView<int> own = LocalMemory.Allocate<int>(n);
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        ArrayView<int> chosen = flag ? z.SubView(GroupSize) : z;
        for (int i = 0; i < n; i++)
        {
            own[i] = i + x[i];
        }

        shared[Group.IdxX] = Sum(own, n) + own.IntLength;
        Group.Barrier();
        int total = 0;
        for (int i = 0, j = GroupSize - 1; i < j; i++, j--)
        {
            total += shared[i] - shared[j] + Group.IdxX;
        }

        chosen[Group.IdxX] = total + Sum(shared, Group.IdxX);
        y[Group.IdxX] = (ushort)(x[Group.IdxX] * 300);
        y[Group.IdxX] += 7;
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Shuffles(ReadOnlyView<int> x, ArrayView<int> y, ArrayView<float> z)
    {
        int i = Group.LinearIndex;
        int own = x[i];
        int a = Warp.Shuffle(own, 3);
        int b = Warp.ShuffleDown(own, 5);
        int c = Warp.ShuffleUp(own, 5);
        int d = Warp.ShuffleXor(own, 7);
        int e = Warp.Shuffle(own, 40);
        float f = Warp.ShuffleXor((float)own, 1);
        z[i] = f;
        y[i] = a + (10 * b) + (100 * c) + (1000 * d) + (10000 * e) + Warp.LaneIdx + Warp.WarpIdx;
    }

    [Kernel(MaxGroupSize = GroupSize)]
    public static void Atomics(ArrayView<int> cells, ArrayView<uint> more, ArrayView<float> sum, ArrayView<Pair> pairs)
    {
        ArrayView<int> shared = SharedMemory.GetDynamic<int>();
        if (Group.IsFirstThread)
        {
            shared[0] = 0;
        }

        Group.Barrier();
        Atomic.Add(ref shared[0], Group.IdxX);
        Atomic.Add(ref more[0], 3u);
        Bump(ref sum[0]);
        Atomic.Max(ref cells[1], Group.IdxX.Same());
        Atomic.Add(ref pairs[1].Second, 2);
        Atomic.Min(ref cells[2], -Group.IdxX);
        int before = Atomic.CompareExchange(ref cells[3], Group.IdxX, Group.IdxX + 1);
        if (before == Group.IdxX)
        {
            Atomic.Exchange(ref cells[4], 77);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (Group.IsFirstThread)
        {
            Atomic.Add(ref cells[0], shared[0]);
        }
    }

    private static void Scale(ref Pair pair, float factor)
    {
        pair.First *= factor;
        Split(pair.Second, out int half, out _);
        pair.Second = half;
    }

    private static void Bump(ref float sum) => Atomic.Add(ref sum, 1f);

    private static int Same(this int x) => x;

    private static void Split(int value, out int half, out int rest)
    {
        half = value / 2;
        rest = value - half;
    }

    private static float Map<TRule>(float x)
        where TRule : struct, IRule => TRule.Apply(x);

    private static float First(ReadOnlyView<float> x) => x[0];

    private static T First<T>(ReadOnlyView<T> x, int at)
        where T : unmanaged => x[at];

    private static int Sum(ArrayView<int> x, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            if (x[i] % 5 == 4)
            {
                continue;
            }

            sum += x[i];
        }

        return sum;
    }
}
