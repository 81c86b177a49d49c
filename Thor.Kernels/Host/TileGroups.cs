namespace Thor.Kernels.Host;

/// <summary>The numbers of interleaved tiles that there is code for.</summary>
internal static class TileGroups
{
    /// <summary>A tile by itself.</summary>
    internal readonly struct One : ITileGroup
    {
        public static int Size => 1;
    }

    /// <summary>Two tiles of float32.</summary>
    internal readonly struct Two : ITileGroup
    {
        public static int Size => 2;
    }
}
