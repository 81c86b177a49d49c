using Thor.Engine;
using Thor.Engine.RandomNumbers;

namespace Thor.Autograd.Layers;

/// <summary>A row of the table for each id: Int32 ids of any shape (...) become (..., width). State: weight (count, width).</summary>
public sealed class Embedding : CurvatureLayer
{
    /// <summary>A table of standard normal numbers, torch's default.</summary>
    /// <param name="count">Number of ids, which run from 0.</param>
    /// <param name="width">Numbers per id.</param>
    /// <param name="random">Where initial values come from; by default <see cref="Initializers.Default"/>.</param>
    /// <param name="type">Element type of the table.</param>
    public Embedding(int count, int width, RandomStream? random = null, DType type = DType.Float32)
        : base(Initializers.Normal(Tensor.Empty([Positive(count, nameof(count)), Positive(width, nameof(width))], type), random ?? Initializers.Default), null)
    {
    }

    private protected override Variable Apply(Variable input)
    {
        if (input.DType != DType.Int32)
        {
            throw new ArgumentException($"Embedding: ids must be Int32, got {input.Value}.", nameof(input));
        }

        return Weight.Embedding(input.Value);
    }
}
