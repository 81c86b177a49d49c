using Thor.Kernels;

namespace Thor.Engine.Backends;

/// <content>
/// The primitives of THOR and its relatives. Tiles are packed as <see cref="TileSlot"/> describes. Those beyond <see cref="TileLayout.MaximumDimension"/>, whole
/// factors, take several launches each, mostly matrix products, and have no eigenvectors; trying such tiles again waits for the device.
/// </content>
public abstract partial class Backend
{
    /// <summary>
    /// What <see cref="TileCovariance"/> and <see cref="TilePatchCovariance"/> may round the numbers of X to where that is faster. Sums, scale and average stay
    /// in float, so that an element errs by no more than <see cref="Thor.Kernels.MatMulPrecision"/> says of a product, relative to the sum of the products' magnitudes: for
    /// bfloat16 2^-7, some 2^-9 of the diagonal in the mean. Curvature that is averaged over a batch and damped bears that; Float32 is the default all the same.
    /// Devices without tensor cores round nothing, whatever it says. Tiles beyond <see cref="TileLayout.MaximumDimension"/> follow <see cref="MatMulPrecision"/>.
    /// </summary>
    public MatMulPrecision CovariancePrecision { get; set; }

    /// <summary>
    /// tiles = decay * tiles + scale * (diagonal tiles of X^T X), for X (rows, d) whose rows may be strided. Off-diagonal
    /// tiles are never formed. With decay 0 the tiles are not read.
    /// </summary>
    public abstract void TileCovariance(Tensor x, int tileSize, double scale, double decay, Tensor tiles);

    /// <summary>
    /// The same with X the patches that a convolution sees: one row per sample and output position, one column per
    /// (channel, kernel y, kernel x) of the given group. A 1 x 1 kernel with the default geometry treats the channels of each pixel as a row.
    /// </summary>
    public abstract void TilePatchCovariance(
        Tensor images, int kernelY, int kernelX, in Convolution2d geometry, int group, int tileSize, double scale, double decay, Tensor tiles);

    /// <summary>
    /// Inverts every slot: destination tile = (source tile + damping I)^-1, exactly symmetric, one launch for all. Only the
    /// upper triangle of a source tile is read. Source and destination may be the same run.
    /// </summary>
    /// <param name="source">Run of packed tiles.</param>
    /// <param name="destination">Run of packed tiles; a tile that fails is left as it was.</param>
    /// <param name="slots">Which tiles, with their damping.</param>
    /// <param name="status">
    /// (slots.Length), Int32, on the device of the tiles, so that nothing waits. Per slot: 0, the order i of the first bad minor, -1 for
    /// input that is not finite, -2 for hopeless conditioning; where tiles are tried again, of the last attempt.
    /// </param>
    /// <param name="retry">Whether tiles that fail are tried again with more damping, on the device and before the call's work is done.</param>
    /// <param name="damping">
    /// Where given, (slots.Length) of the type of the tiles: the damping of each slot's last attempt, which is what its inverse holds if its status is 0.
    /// </param>
    /// <exception cref="ArgumentException">There are retries, but a slot has no damping that could grow.</exception>
    public abstract void TileInverse(
        Tensor source, Tensor destination, ReadOnlySpan<TileSlot> slots, Tensor status, TileRetry retry = default, Tensor? damping = null);

    /// <summary>
    /// Eigenvectors and eigenvalues of every slot, one launch for all: source tile + damping I = V D V^T. The columns of V are orthonormal, the eigenvalues
    /// ascend, and of every eigenvector the element of largest magnitude, the first of equals, is positive. Only the upper triangle of a source tile is read; it need not
    /// be positive. Same device, same bits; eigenvectors of eigenvalues that rounding cannot tell apart are some basis of their space.
    /// </summary>
    /// <param name="source">Run of packed tiles.</param>
    /// <param name="vectors">Run of packed tiles that takes V, row by row; may be the source. A tile that fails is left as it was.</param>
    /// <param name="values">(sum of dimensions): the eigenvalues of each slot, one after the other in the order of the slots.</param>
    /// <param name="slots">Which tiles, with their damping.</param>
    /// <param name="status">
    /// (slots.Length), Int32, on the device of the tiles, so that nothing waits. Per slot: 0, -1 for input that is not finite, 1 where the eigenvalues do not settle.
    /// </param>
    public abstract void TileEigen(Tensor source, Tensor vectors, Tensor values, ReadOnlySpan<TileSlot> slots, Tensor status);

    /// <summary>
    /// Block (i, j) of each result = Scale * (OutputInverse tile i)^T * gradient block (i, j) * InputInverse tile j, one launch for all layers. Where a product
    /// has a <see cref="TileUpdate"/>, its result is a parameter and moves along that block instead, with momentum and weight decay, in the same pass.
    /// </summary>
    /// <param name="products">The layers.</param>
    /// <param name="innerProducts">
    /// Where given, (products.Length): element k becomes the sum of product k * its gradient, taken while both are at hand,
    /// in an order fixed by the shapes.
    /// </param>
    /// <exception cref="ShapeException">Operands do not fit together, or share elements that must be apart.</exception>
    public abstract void TilePrecondition(ReadOnlySpan<TileProduct> products, Tensor? innerProducts = null);
}
