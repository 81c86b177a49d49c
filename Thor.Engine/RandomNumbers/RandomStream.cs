using Thor.Kernels.Host;

namespace Thor.Engine.RandomNumbers;

/// <summary>
/// A reproducible stream of random numbers: a position in the Philox4x32-10 sequence of a key (Salmon et al. 2011). The same
/// seed and position give the same bits on every device. Every draw moves the position on; seed and position are the whole state.
/// </summary>
/// <remarks>
/// A Float32 number takes one word, a Float64 number two, an element of a dropout mask one. Tensors drawn one after the other
/// hold the numbers that one draw of their total length would have held.
/// </remarks>
public sealed class RandomStream
{
    // The upper half of the counter of a forking block: "fork" in ASCII. Drawn words have 0 there, so the two never meet.
    private const ulong ForkDomain = 0x666F726B;

    /// <summary>A stream at a position, by default its start.</summary>
    public RandomStream(ulong seed, ulong position = 0)
    {
        Seed = seed;
        Position = position;
    }

    /// <summary>The key.</summary>
    public ulong Seed { get; }

    /// <summary>Words drawn so far; settable to restore a stream.</summary>
    public ulong Position { get; set; }

    /// <summary>An independent stream for a purpose, a function of this seed and the number alone.</summary>
    public RandomStream Fork(ulong purpose)
    {
        (uint low, uint high, _, _) = Philox.Block(Seed, purpose, ForkDomain);
        return new RandomStream(((ulong)high << 32) | low);
    }

    /// <summary>Uniform numbers in [0, 1), multiples of 2^-24 (Float32) or 2^-53 (Float64).</summary>
    /// <exception cref="ShapeException">The element type is Int32.</exception>
    public Tensor Uniform(Shape shape, DType type = DType.Float32, Device device = default)
    {
        Tensor y = Output("Uniform", shape, type, device);
        y.Backend.Uniform(y, Seed, Take(WordsOf(y)));
        return y;
    }

    /// <summary>Standard normal numbers, at most 6.4 (Float32) or 9.3 (Float64) from zero.</summary>
    /// <exception cref="ShapeException">The element type is Int32.</exception>
    public Tensor Normal(Shape shape, DType type = DType.Float32, Device device = default)
    {
        Tensor y = Output("Normal", shape, type, device);
        y.Backend.Normal(y, Seed, Take(WordsOf(y)));
        return y;
    }

    /// <summary>1 / keep with probability keep, else 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Keep is not within (0, 1].</exception>
    /// <exception cref="ShapeException">The element type is Int32.</exception>
    public Tensor DropoutMask(Shape shape, double keep, DType type = DType.Float32, Device device = default)
    {
        if (!(keep > 0 && keep <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(keep), keep, "The probability to keep must be within (0, 1].");
        }

        Tensor y = Output("DropoutMask", shape, type, device);
        y.Backend.DropoutMask(y, keep, Seed, Take((ulong)y.Length));
        return y;
    }

    /// <summary>The numbers 0 .. n-1 in random order, every order equally likely (Fisher and Yates).</summary>
    public int[] Permutation(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        int[] order = new int[n];
        for (int i = 0; i < n; i++)
        {
            int j = NextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }

    /// <summary>One uniform number in [0, 1), on the host.</summary>
    public double NextDouble()
    {
        ulong at = Take(2);
        return Philox.ToUniform(Philox.Word(Seed, at), Philox.Word(Seed, at + 1));
    }

    /// <summary>One integer in [0, bound), on the host, without modulo bias.</summary>
    /// <remarks>The upper half of word * bound; words whose lower half would favour small results are drawn again (Lemire 2019).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound;
        uint refused = unchecked(0 - range) % range;
        ulong product;
        do
        {
            product = (ulong)Philox.Word(Seed, Take(1)) * range;
        }
        while ((uint)product < refused);
        return (int)(product >> 32);
    }

    private static ulong WordsOf(Tensor y) => (ulong)y.Length * (y.DType == DType.Float64 ? 2UL : 1UL);

    private static Tensor Output(string operation, Shape shape, DType type, Device device)
    {
        if (!type.IsFloating())
        {
            ShapeException.Throw(operation, $"draws Float32 or Float64, not {type}{shape}");
        }

        return Tensor.Empty(shape, type, device);
    }

    private ulong Take(ulong words)
    {
        ulong at = Position;
        Position = at + words;
        return at;
    }
}
