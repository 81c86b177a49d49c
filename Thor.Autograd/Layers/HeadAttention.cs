using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.Layers;

/// <summary>
/// softmax(q k^T / sqrt(depth) + exclusion) v for every head, read from a projection (n, positions, 3 width) that holds queries,
/// keys and values side by side: one recorded operation that works on strided views of the projection and writes its
/// gradient straight into one tensor of its shape.
/// </summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="Queries">Queries are the first positions, this many.</param>
/// <param name="MemoryStart">Keys and values are the positions from here on: 0 for attention of a sequence to itself.</param>
/// <param name="Exclusion">Added to the scores, (n, 1, 1, memory positions); null for nothing.</param>
/// <param name="Mask">Multiplies the attention weights, (n, heads, queries, memory positions): dropout; null for nothing.</param>
internal readonly record struct HeadAttention(int Heads, int Queries, int MemoryStart, Tensor? Exclusion, Tensor? Mask)
{
    /// <summary>(n, queries, width).</summary>
    public Variable Apply(Variable projection)
    {
        (Tensor q, Tensor k, Tensor v) = Split(projection.Value);
        Tensor weights = Weights(q, k);
        Tensor kept = Mask is null ? weights : weights * Mask;
        using Tensor mixed = kept.MatMul(v);
        Tensor value = mixed.Permute(0, 2, 1, 3).Reshape(mixed.Shape[0], Queries, Heads * mixed.Shape[3]);
        HeadAttention self = this;
        return Node.Record("Attention", value, projection, gradient => Gradients.Enabled
            ? self.Recorded(projection, gradient)
            : self.Gradient(projection.Value, weights, kept, gradient.Value));
    }

    /// <summary>Gradient of the projection as a function. Taken at a view of it, as observers of the projection itself wait for the outer pass.</summary>
    private Variable Recorded(Variable projection, Variable gradient)
    {
        Variable view = projection.Unsqueeze(0).Squeeze(0);
        return Gradients.Of(Composed(view), [view], gradient, createGraph: true)[0];
    }

    /// <summary>The same made of differentiable operations, for gradients of gradients.</summary>
    private Variable Composed(Variable projection)
    {
        (int n, int positions, int width) = (projection.Shape[0], projection.Shape[1], projection.Shape[2] / 3);
        int depth = width / Heads;
        Variable parts = projection.Reshape(n, positions, 3, Heads, depth).Permute(2, 0, 3, 1, 4);
        Variable q = parts.Select(0, 0).Slice(2, 0, Queries);
        Variable k = parts.Select(0, 1).Slice(2, MemoryStart, positions - MemoryStart);
        Variable v = parts.Select(0, 2).Slice(2, MemoryStart, positions - MemoryStart);
        Variable scores = q.MatMul(k.Transpose()) * Scale(depth);
        Variable weights = (Exclusion is null ? scores : scores + Exclusion).Softmax();
        return (Mask is null ? weights : weights * Mask).MatMul(v).Permute(0, 2, 1, 3).Reshape(n, Queries, width);
    }

    private Tensor Weights(Tensor q, Tensor k)
    {
        using Tensor scores = q.EmptyLike([q.Shape[0], Heads, q.Shape[2], k.Shape[2]]);
        Tensor.MatMulInto(q, k.Transpose(), scores, Scale(q.Shape[3]));
        if (Exclusion is not null)
        {
            scores.AddInPlace(Exclusion);
        }

        return scores.Softmax();
    }

    /// <summary>Gradient of the projection, without recording.</summary>
    private Tensor Gradient(Tensor projection, Tensor weights, Tensor kept, Tensor gradient)
    {
        (Tensor q, Tensor k, Tensor v) = Split(projection);
        Tensor g = gradient.Reshape(q.Shape[0], Queries, Heads, q.Shape[3]).Permute(0, 2, 1, 3);

        using Tensor dWeights = g.MatMul(v.Transpose());
        if (Mask is not null)
        {
            dWeights.MapInPlace(BinaryOperation.Multiply, Mask);
        }

        using Tensor dScores = Tensor.SoftmaxGradient(weights, dWeights);

        // Joined sequences leave parts of the projection unread: their gradient is 0.
        Tensor result = MemoryStart == 0 ? projection.EmptyLike(projection.Shape) : Tensor.Zeros(projection.Shape, projection.DType, projection.Device);
        (Tensor dq, Tensor dk, Tensor dv) = Split(result);
        Store(dScores, k, dq, Scale(q.Shape[3]));
        Store(dScores.Transpose(), q, dk, Scale(q.Shape[3]));
        Store(kept.Transpose(), g, dv, 1);
        return result;
    }

    /// <summary>target = alpha a b, for a strided target.</summary>
    private static void Store(Tensor a, Tensor b, Tensor target, double alpha)
    {
        using Tensor product = target.EmptyLike(target.Shape);
        Tensor.MatMulInto(a, b, product, alpha);
        target.CopyFrom(product);
    }

    /// <summary>Views (n, heads, positions, depth) of queries, keys and values.</summary>
    private (Tensor Queries, Tensor Keys, Tensor Values) Split(Tensor projection)
    {
        (int positions, int width) = (projection.Shape[1], projection.Shape[2] / 3);
        Tensor parts = projection.Reshape(projection.Shape[0], positions, 3, Heads, width / Heads).Permute(2, 0, 3, 1, 4);
        int memory = positions - MemoryStart;
        return (parts.Select(0, 0).Slice(2, 0, Queries), parts.Select(0, 1).Slice(2, MemoryStart, memory), parts.Select(0, 2).Slice(2, MemoryStart, memory));
    }

    private static double Scale(int depth) => 1 / Math.Sqrt(depth);
}
