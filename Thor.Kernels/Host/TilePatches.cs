namespace Thor.Kernels.Host;

/// <summary>What the rows and columns of a convolution's patch matrix are.</summary>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Channels of an image, all groups together.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="KernelY">Rows of the window.</param>
/// <param name="KernelX">Columns of the window.</param>
/// <param name="Geometry">Strides, padding, dilation and groups.</param>
/// <param name="Group">The group whose channels are taken.</param>
public readonly record struct TilePatches(
    int Batch, int Channels, int Height, int Width, int KernelY, int KernelX, Convolution2d Geometry, int Group)
{
    /// <summary>Window positions from top to bottom.</summary>
    public int OutputHeight => Geometry.OutputHeight(Height, KernelY);

    /// <summary>Window positions from left to right.</summary>
    public int OutputWidth => Geometry.OutputWidth(Width, KernelX);

    /// <summary>Rows of the patch matrix that one image gives.</summary>
    public int Positions => OutputHeight * OutputWidth;

    /// <summary>Channels of one group.</summary>
    public int GroupChannels => Channels / Geometry.Groups;

    /// <summary>Columns of the patch matrix: (channel of the group, kernel row, kernel column).</summary>
    public int Columns => GroupChannels * KernelY * KernelX;
}
