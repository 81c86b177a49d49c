namespace Thor.Kernels.Kernels;

/// <summary>Kernels that invert tiles.</summary>
public enum TileInverseMethod
{
    /// <summary>What suits the device and the tile.</summary>
    Automatic,

    /// <summary>GPU: a tile of at most 128 in the registers of a group of 160 threads; larger ones in device memory.</summary>
    Registers,

    /// <summary>GPU: every tile in device memory, one group each.</summary>
    Blocks,

    /// <summary>Processor: a tile per thread, in lanes of 16.</summary>
    Lanes,
}
