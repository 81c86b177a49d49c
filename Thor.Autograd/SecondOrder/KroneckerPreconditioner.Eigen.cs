using Thor.Engine;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <content>Eigenvectors in the place of inverses, for <see cref="DampingSplit.Exact"/>.</content>
public sealed partial class KroneckerPreconditioner
{
    private bool IsExact => Options.DampingSplit == DampingSplit.Exact;

    /// <summary>Refuses tiles that are too large to be decomposed.</summary>
    private void RequireEigenvectors()
    {
        foreach (KroneckerFactor factor in IsExact ? _ordered.SelectMany(static curvature => curvature.Factors) : [])
        {
            int largest = TileLayout.Size(factor.Dimension, factor.TileSize);
            if (largest > TileLayout.MaximumDimension)
            {
                throw new ArgumentException(
                    $"DampingSplit.{DampingSplit.Exact} decomposes tiles of at most {TileLayout.MaximumDimension} rows; '{factor.Name}' would have one of {largest}. Set TileSize.");
            }
        }
    }

    /// <summary>Eigenvectors and eigenvalues of all tiles of some factors. A tile that fails keeps its last good ones.</summary>
    private void Decompose(List<(KroneckerFactor Factor, int Tile)> tiles, TileSlot[] slots, Tensor status)
    {
        // The device writes the eigenvalues of all tiles one after the other, and leaves those of tiles that fail.
        KroneckerFactor[] factors = [.. tiles.Select(static place => place.Factor).Distinct()];
        Tensor values = Tensor.Concatenate([.. factors.Select(static factor => factor.Eigenvalues)], 0);
        _backend!.TileEigen(_factors!, _inverses!, values, slots, status); // there are layers, so there are a device and memory
        int first = 0;
        foreach (KroneckerFactor factor in factors)
        {
            factor.Eigenvalues.CopyFrom(values.Slice(0, first, factor.Dimension));
            factor.Transpose();
            first += factor.Dimension;
        }

        foreach (LayerCurvature curvature in _ordered.Where(curvature => curvature.Factors.Any(factors.Contains)))
        {
            curvature.ResetMoments();
        }
    }

    /// <summary>What the basis needs beside the eigenvectors: eigenvalues, and with EKFAC the moments.</summary>
    private void AddEigenState(StateDict state, LayerCurvature curvature)
    {
        if (!IsExact)
        {
            return;
        }

        foreach (KroneckerFactor factor in curvature.Factors)
        {
            state.Add($"{factor.Name}.eigenvalues", factor.Eigenvalues);
        }

        if (Options.MomentDecay is not null && curvature.Moments is Tensor moments)
        {
            state.Add($"{curvature.Name}.moments", moments);
        }
    }

    /// <summary>Computes what follows from loaded eigenvectors and eigenvalues.</summary>
    private void RestoreEigen(LayerCurvature curvature)
    {
        if (!IsExact)
        {
            return;
        }

        foreach (KroneckerFactor factor in curvature.Factors)
        {
            factor.Transpose();
        }

        if (Options.MomentDecay is null)
        {
            curvature.ResetMoments();
        }
    }
}
