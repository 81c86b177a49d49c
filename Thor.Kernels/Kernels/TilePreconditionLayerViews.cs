namespace Thor.Kernels.Kernels;

/// <summary>Operands of one layer's preconditioning on an accelerator.</summary>
/// <param name="Left">Packed tiles over the rows, symmetric or given transposed.</param>
/// <param name="Right">Packed tiles over the columns.</param>
/// <param name="Gradient">(rows, columns), contiguous.</param>
/// <param name="Result">(rows, columns), contiguous, apart from the gradient.</param>
/// <param name="Rows">Rows of the gradient.</param>
/// <param name="Columns">Columns of the gradient.</param>
/// <param name="TileSize">Tile dimension of both sides.</param>
/// <param name="Scale">Factor of the product.</param>
public readonly record struct TilePreconditionLayerViews(
    ArrayView<float> Left,
    ArrayView<float> Right,
    ArrayView<float> Gradient,
    ArrayView<float> Result,
    int Rows,
    int Columns,
    int TileSize,
    float Scale);
