using System.Globalization;
using Thor.Bench.TileSize;
using Thor.Engine;
using Thor.Engine.RandomNumbers;
using Thor.Kernels;
using Thor.Kernels.Host;

namespace Thor.Bench.Micro;

/// <summary>Covariance of the patches of images, tiles of 128, against that of the patch matrix, stored beforehand: what is lost by never storing it.</summary>
internal sealed class PatchMeasures : MeasureSet
{
    private const int TileSize = 128;
    private const double Target = 0.8;

    // Of the convolutions of ResNet-20 and LeNet: batch, channels, height and width, kernel, padding.
    private static readonly (int Batch, int Channels, int Extent, int Kernel, int Padding)[] s_shapes =
    [
        (32, 16, 32, 3, 1), (32, 32, 16, 3, 1), (32, 64, 8, 3, 1), (64, 6, 14, 5, 0),
    ];

    public override string Name => "tile-patches";

    public override string? Missing => null;

    public override IEnumerable<MicroResult> Run(Func<string, bool> wanted)
    {
        foreach ((int batch, int channels, int extent, int kernel, int padding) in s_shapes)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"tile-patches {batch}x{channels}x{extent}x{extent} kernel {kernel} threads=1");
            if (!wanted(name))
            {
                continue;
            }

            TilePatches patches = new(batch, channels, extent, extent, kernel, kernel, new Convolution2d(PaddingY: padding, PaddingX: padding), 0);
            using Tensor images = new RandomStream(1).Normal([batch, channels, extent, extent]).Persist();
            using Tensor stored = Tensor.Zeros([batch * patches.Positions, patches.Columns]).Persist();
            Store(images, patches, stored);
            using Tensor tiles = Tensor.Zeros([checked((int)TileLayout.Length(patches.Columns, TileSize))]).Persist();
            using Tensor peerTiles = tiles.Clone().Persist();
            PairedTimes times = TimeOurs(1, () => Patches(images, patches, tiles), () => Stored(stored, peerTiles));
            double error = tiles.AsSpan<float>().ToArray().Zip(peerTiles.ToArray<float>(), static (a, b) => Math.Abs(a - b)).Max();
            if (!(error <= 1e-3 * stored.Shape[0]))
            {
                throw new InvalidOperationException($"{name}: tiles differ by {error}.");
            }

            double operations = 0;
            foreach (TileSlot slot in TileLayout.Slots(patches.Columns, TileSize))
            {
                operations += (double)stored.Shape[0] * slot.Dimension * (slot.Dimension + 1);
            }

            foreach (MicroResult row in Rows(name, "stored patches", times, operations, Target))
            {
                yield return row;
            }
        }
    }

    private static unsafe void Patches(Tensor images, TilePatches patches, Tensor tiles) =>
        TileCovariance.Accumulate(PeerProduct.Pointer(images), patches, TileSize, 1, 0, PeerProduct.Pointer(tiles));

    private static unsafe void Stored(Tensor rows, Tensor tiles) =>
        TileCovariance.Accumulate(PeerProduct.Pointer(rows), rows.Shape[1], rows.Shape[0], rows.Shape[1], TileSize, 1, 0, PeerProduct.Pointer(tiles));

    private static void Store(Tensor images, TilePatches patches, Tensor stored)
    {
        int next = 0;
        PatchRows.ForEachChunk(images.ToArray<float>(), patches, chunk =>
        {
            stored.Slice(0, next, chunk.Shape[0]).CopyFrom(chunk);
            next += chunk.Shape[0];
        });
    }
}
