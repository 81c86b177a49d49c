namespace Thor.Engine.RandomNumbers;

/// <summary>
/// A reproducible stream of random numbers: a position in the Philox4x32-10 sequence of a key (Salmon et al. 2011). The same
/// seed and position give the same bits on every device. Every draw moves the position on; seed and position are the whole state.
/// </summary>
public sealed class RandomStream
{
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
    public RandomStream Fork(ulong purpose) => throw new NotImplementedException();

    /// <summary>Uniform numbers in [0, 1).</summary>
    public Tensor Uniform(Shape shape, DType type = DType.Float32, Device device = default) => throw new NotImplementedException();

    /// <summary>Standard normal numbers.</summary>
    public Tensor Normal(Shape shape, DType type = DType.Float32, Device device = default) => throw new NotImplementedException();

    /// <summary>1 / keep with probability keep, else 0.</summary>
    public Tensor DropoutMask(Shape shape, double keep, DType type = DType.Float32, Device device = default) => throw new NotImplementedException();

    /// <summary>The numbers 0 .. n-1 in random order.</summary>
    public int[] Permutation(int n) => throw new NotImplementedException();

    /// <summary>One uniform number in [0, 1), on the host.</summary>
    public double NextDouble() => throw new NotImplementedException();

    /// <summary>One integer in [0, bound), on the host, without modulo bias.</summary>
    public int NextInt(int bound) => throw new NotImplementedException();
}
