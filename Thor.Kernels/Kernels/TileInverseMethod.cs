namespace Thor.Kernels.Kernels;

/// <summary>Kernels that invert tiles.</summary>
public enum TileInverseMethod
{
    /// <summary>What suits the device and the tile.</summary>
    Automatic,

    /// <summary>GPU: a tile of at most 128 in the registers of a group of 160 threads; larger ones in device memory.</summary>
    Registers,

    /// <summary>GPU: as <see cref="Registers"/>, with fewer registers for more groups at a time.</summary>
    DenseRegisters,

    /// <summary>GPU: two tiles of at most 128 in the registers of a group of 288 threads; larger ones in device memory.</summary>
    RegisterPairs,

    /// <summary>GPU: every tile in device memory, one group each.</summary>
    Blocks,

    /// <summary>Processor: a tile per thread, in lanes of 16.</summary>
    Lanes,
}
