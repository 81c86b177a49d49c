using Thor.Bench.Runs;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;

namespace Thor.Bench.Verify;

/// <summary>The three primitives of THOR.</summary>
internal static class TileChecks
{
    private const int Rows = 301;
    private const int Columns = 200;

    public static IEnumerable<Check> All() => [.. Covariance(), .. Inverse(), .. Precondition()];

    private static IEnumerable<Check> Covariance()
    {
        foreach (MatMulPrecision precision in Enum.GetValues<MatMulPrecision>())
        {
            string rounded = precision == MatMulPrecision.Float32 ? string.Empty : $", {Precisions.Name(precision)} where there are tensor cores";
            double more = Precisions.ProductError(precision) * (1 << 24); // bounds count in units of 2^-24
            foreach (int tileSize in (int[])[16, 64, 128])
            {
                yield return new PrimitiveCheck(
                    $"TileCovariance, tiles of {tileSize}{rounded}",
                    Rows + 3 + more,
                    r => [r.Normal([Rows, Columns]), Symmetric(r, Columns, tileSize)],
                    x => [With(precision, x[1].Clone(), (backend, tiles) => backend.TileCovariance(x[0], tileSize, 0.5, 0.9, tiles))],
                    Sums: true);
            }

            Convolution2d geometry = Convolution2d.Default with { PaddingY = 1, PaddingX = 1, Groups = 2 };
            yield return new PrimitiveCheck(
                $"TilePatchCovariance, 3x3, 2 groups{rounded}",
                (4 * 9 * 11) + 3 + more,
                r => [r.Normal([4, 10, 9, 11])],
                x => [With(
                    precision,
                    x[0].EmptyLike([(int)TileLayout.Length(45, 32)]),
                    (backend, tiles) => backend.TilePatchCovariance(x[0], 3, 3, geometry, 1, 32, 0.25, 0, tiles))],
                Sums: true);
        }
    }

    /// <summary>Tiles after a covariance in a precision. The device's setting is put back.</summary>
    private static Tensor With(MatMulPrecision precision, Tensor tiles, Action<Backend, Tensor> form)
    {
        Backend backend = tiles.Device.Backend;
        MatMulPrecision before = backend.CovariancePrecision;
        backend.CovariancePrecision = precision;
        form(backend, tiles);
        backend.CovariancePrecision = before;
        return tiles;
    }

    private static IEnumerable<Check> Inverse()
    {
        foreach (int dimension in (int[])[7, 16, 33, 64, 100, 128, 200, 256])
        {
            yield return new TileInverseCheck(dimension);
        }
    }

    private static IEnumerable<Check> Precondition()
    {
        foreach (int tileSize in (int[])[16, 64, 128])
        {
            const int Outputs = 150;
            int left = (int)TileLayout.Length(Outputs, tileSize);
            int right = (int)TileLayout.Length(Columns, tileSize);
            yield return new PrimitiveCheck(
                $"TilePrecondition, tiles of {tileSize}",
                (2 * tileSize) + 3,
                r => [Symmetric(r, Outputs, tileSize), Symmetric(r, Columns, tileSize), r.Normal([Outputs, Columns])],
                x =>
                {
                    Tensor result = x[2].EmptyLike(x[2].Shape);
                    result.Device.Backend.TilePrecondition([new TileProduct(x[0], x[1], tileSize, x[2], result)]);
                    return [result];
                },
                Sums: true);
        }

        // With a negative rate the magnitude of what is added to the parameter adds to its own.
        UpdateStep step = new(-0.1, 0.9, WeightDecay: 0.2, Nesterov: true, Count: 2, GradientScale: 0.5);
        yield return new PrimitiveCheck(
            "TilePrecondition with momentum",
            (2 * 64) + 8,
            r => [Symmetric(r, Columns, 64), Symmetric(r, Columns, 64), r.Normal([Columns, Columns]), r.Normal([Columns, Columns]), r.Normal([Columns, Columns])],
            x =>
            {
                Tensor parameter = x[3].Clone();
                Tensor velocity = x[4].Clone();
                parameter.Device.Backend.TilePrecondition([new TileProduct(x[0], x[1], 64, x[2], parameter, 1, new TileUpdate(velocity, step))]);
                return [parameter, velocity];
            },
            Sums: true);
    }

    /// <summary>A packed run of symmetric tiles.</summary>
    private static Tensor Symmetric(RandomStream random, int dimension, int tileSize)
    {
        Tensor run = random.Normal([(int)TileLayout.Length(dimension, tileSize)]);
        foreach (TileSlot slot in TileLayout.Slots(dimension, tileSize))
        {
            int n = slot.Dimension;
            Tensor tile = run.Slice(0, (int)slot.Offset, n * n).Reshape(n, n);
            tile.CopyFrom(tile + tile.Transpose());
        }

        return run;
    }
}
