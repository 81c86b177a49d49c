namespace Thor.Kernels.Kernels;

/// <summary>Operands of one layer's preconditioning on an accelerator.</summary>
/// <param name="Left">Packed tiles over the rows, symmetric or given transposed.</param>
/// <param name="Right">Packed tiles over the columns.</param>
/// <param name="Gradient">(rows, columns), contiguous.</param>
/// <param name="Result">(rows, columns), contiguous, apart from the gradient; with an update the parameter, which changes.</param>
/// <param name="Rows">Rows of the gradient.</param>
/// <param name="Columns">Columns of the gradient.</param>
/// <param name="TileSize">Tile dimension of both sides.</param>
/// <param name="Scale">Factor of the product.</param>
/// <param name="Update">An update by momentum whose gradient is the product, which then is not written; null for none.</param>
/// <param name="Velocity">The velocity that goes with it, as the parameter and apart from it.</param>
/// <param name="UpdateScale">One factor of the update's gradient on the device, or empty; NaN: nothing is changed.</param>
public readonly record struct TilePreconditionLayerViews(
    ArrayView<float> Left,
    ArrayView<float> Right,
    ArrayView<float> Gradient,
    ArrayView<float> Result,
    int Rows,
    int Columns,
    int TileSize,
    float Scale,
    UpdateStep? Update = null,
    ArrayView<float> Velocity = default,
    ArrayView<float> UpdateScale = default);
