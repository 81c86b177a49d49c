using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.SecondOrder;

/// <summary>Products of one side's matrices, A or G of each group, with fixed vectors: (groups, dimension) each.</summary>
internal sealed class ProbeSide
{
    /// <summary>Numbers of a group: |now|^2, now . held, |held|^2.</summary>
    public const int NumbersPerGroup = 3;

    /// <summary>Draws the vectors.</summary>
    public ProbeSide(RandomStream random, int groups, int dimension, Tensor like)
    {
        Vector = random.Normal([groups, dimension], like.DType, like.Device).Persist();
        Held = Tensor.Zeros([groups, dimension], like.DType, like.Device).Persist();
        Now = Tensor.Zeros([groups, dimension], like.DType, like.Device).Persist();
    }

    /// <summary>z.</summary>
    public Tensor Vector { get; }

    /// <summary>M z of the matrix in use.</summary>
    public Tensor Held { get; }

    /// <summary>N M z of the passes at hand.</summary>
    public Tensor Now { get; }

    /// <summary>Writes the numbers of all groups: (numbers, groups).</summary>
    public void Compare(Tensor numbers)
    {
        numbers.Slice(0, 0, 1).CopyFrom((Now * Now).Sum(1).Unsqueeze(0));
        numbers.Slice(0, 1, 1).CopyFrom((Now * Held).Sum(1).Unsqueeze(0));
        numbers.Slice(0, 2, 1).CopyFrom((Held * Held).Sum(1).Unsqueeze(0));
    }

    /// <summary>What was measured belongs to the matrix in use from now on.</summary>
    /// <param name="rows">N.</param>
    public void Hold(double rows) => Held.CopyFrom(Now / rows);

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        Vector.Dispose();
        Held.Dispose();
        Now.Dispose();
    }
}
