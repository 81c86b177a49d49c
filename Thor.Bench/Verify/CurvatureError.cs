namespace Thor.Bench.Verify;

/// <summary>What every combination of estimator, damping and tile size is off from the exact curvature of a small net. Errors of approximation, not of computing.</summary>
/// <param name="Estimator">Whose gradients make G.</param>
/// <param name="Damping">How lambda is shared out.</param>
/// <param name="Tile">Rows of the tiles.</param>
/// <param name="BlockError">Of T (G kron A), relative to the exact Gauss-Newton blocks, in the Frobenius norm.</param>
/// <param name="DirectionError">Of the preconditioned gradient, relative to the exact damped Gauss-Newton direction over all layers at once.</param>
internal sealed record CurvatureError(string Estimator, string Damping, int Tile, double BlockError, double DirectionError);
