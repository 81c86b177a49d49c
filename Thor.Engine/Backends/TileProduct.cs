namespace Thor.Engine.Backends;

/// <summary>
/// One layer's preconditioning: result = Scale * OutputInverse^T * gradient * InputInverse, tile by tile. Inverses are symmetric; with eigenvectors as
/// columns the product is the gradient in their basis, with eigenvectors as rows the way back. With an update the product is not written: the result
/// is the parameter, which moves along it.
/// </summary>
/// <param name="OutputInverse">Packed inverse tiles of G, see <see cref="Thor.Kernels.TileSlot"/>.</param>
/// <param name="InputInverse">Packed inverse tiles of A.</param>
/// <param name="TileSize">Tile dimension of both.</param>
/// <param name="Gradient">(outputs, inputs), contiguous.</param>
/// <param name="Result">(outputs, inputs), contiguous; must not be the gradient. With an update the parameter, changed.</param>
/// <param name="Scale">Factor of the whole product.</param>
/// <param name="Update">The update that the product is the gradient of; null where the product is wanted.</param>
public readonly record struct TileProduct(
    Tensor OutputInverse, Tensor InputInverse, int TileSize, Tensor Gradient, Tensor Result, double Scale = 1, TileUpdate? Update = null);
