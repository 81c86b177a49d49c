using Thor.Kernels;

namespace Thor.Bench.Invert;

/// <summary>The update that follows preconditioning where it is measured with one.</summary>
internal static class TileUpdateStep
{
    /// <summary>How many times a cell with updates holds its results: parameters, and of both contenders velocities and a product.</summary>
    public const int Copies = 4;

    /// <summary>Reads and writes velocity and parameter; from zero both become the product.</summary>
    public static UpdateStep Numbers { get; } = new(LearningRate: -1, Beta1: 0.9, Count: 2);
}
