using Thor.Kernels;
using Thor.Kernels.Accelerators;
using Thor.Kernels.Host;
using Thor.Kernels.Kernels;

namespace Thor.Bench.Micro;

/// <summary>Diagonal tiles of the covariance of 3 x 3 patches, on an accelerator.</summary>
internal sealed unsafe class DeviceTilePatches : DeviceTileWorkload
{
    private const int TileSize = 128;
    private const int Kernel = 3;

    private readonly Accelerator _accelerator;
    private readonly TilePatches _patches;
    private readonly double _scale;
    private readonly float[] _hostImages;
    private readonly float[] _hostTiles;
    private readonly MemoryBuffer<float> _images;
    private readonly MemoryBuffer<float> _tiles;

    /// <param name="accelerator">The device.</param>
    /// <param name="shape">Batch, channels, height and width.</param>
    public DeviceTilePatches(Accelerator accelerator, int[] shape)
    {
        _accelerator = accelerator;
        _patches = new TilePatches(shape[0], shape[1], shape[2], shape[3], Kernel, Kernel, new Convolution2d(PaddingY: 1, PaddingX: 1), 0);
        _hostImages = Normal(1, checked(shape[0] * shape[1] * shape[2] * shape[3]));
        _hostTiles = new float[TileLayout.Length(_patches.Columns, TileSize)];
        _images = Keep(accelerator.Allocate(_hostImages));
        _tiles = Keep(accelerator.Allocate<float>(_hostTiles.Length));
        double rows = (double)_patches.Batch * _patches.Positions;
        _scale = 1 / rows;
        foreach (TileSlot slot in TileLayout.Slots(_patches.Columns, TileSize))
        {
            Operations += rows * slot.Dimension * (slot.Dimension + 1);
        }
    }

    public override void Queue() => TileCovarianceLaunch.Accumulate(_accelerator.Stream, _images.View, _patches, TileSize, _scale, 0, _tiles.View);

    public override void RunHost()
    {
        fixed (float* images = _hostImages, tiles = _hostTiles)
        {
            TileCovariance.Accumulate(images, _patches, TileSize, _scale, 0, tiles);
        }
    }

    public override void RequireRight(string name)
    {
        RunHost();
        RequireSame(name, _hostTiles, _tiles.ToArray(), 1e-4);
    }
}
