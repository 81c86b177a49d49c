namespace Thor.Kernels.Kernels;

/// <summary>Ways to precondition the gradients of several layers.</summary>
public enum TilePreconditionMethod
{
    /// <summary>What suits the device and the tiles.</summary>
    Automatic,

    /// <summary>GPU: two launches for each layer.</summary>
    Layers,

    /// <summary>CUDA: one launch for all layers, for tiles of at most 128.</summary>
    Fused,

    /// <summary>Processor: a launch for each layer, in lanes of 16.</summary>
    Lanes,
}
