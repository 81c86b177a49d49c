namespace Thor.Kernels.Host;

/// <summary>How extents are cut into tiles.</summary>
internal static class ConvolutionTiling
{
    /// <summary>The extent rounded up to whole pieces of a size.</summary>
    public static int Filled(int extent, int size) => (extent + size - 1) / size * size;

    /// <summary>Rows of equal tiles that cover an extent with as few tiles as possible.</summary>
    public static int Rows(int extent, int maximumRows)
    {
        int tiles = (extent + maximumRows - 1) / maximumRows;
        return (extent + tiles - 1) / tiles;
    }

    /// <summary>Registers of the panel that begins at a channel: 2, or 1 for a last narrow one.</summary>
    public static int PanelRegisters(int channels, int first, int lanes) => channels - first > lanes ? 2 : 1;
}
