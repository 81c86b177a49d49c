namespace Thor.Kernels.Dialect;

/// <summary>
/// Threads that exchange values without memory: consecutive runs of <see cref="WarpSize"/> threads of a group. On devices without
/// such an instruction the exchange goes through shared memory and waits for the whole group, so all threads of the group must take part.
/// </summary>
/// <remarks>A shuffle stands alone on the right of an assignment or declaration. A source lane outside the warp gives the thread its own value.</remarks>
public static class Warp
{
    /// <summary>Threads of a warp.</summary>
    public const int WarpSize = 32;

    /// <summary>Number of the thread in its warp.</summary>
    public static int LaneIdx => Group.LinearIndex % WarpSize;

    /// <summary>Number of the warp in its group.</summary>
    public static int WarpIdx => Group.LinearIndex / WarpSize;

    /// <summary>The value of a lane.</summary>
    public static float Shuffle(float value, int sourceLane) => KernelContext.Outside<float>("Warp.Shuffle");

    /// <inheritdoc cref="Shuffle(float, int)"/>
    public static int Shuffle(int value, int sourceLane) => KernelContext.Outside<int>("Warp.Shuffle");

    /// <summary>The value of the lane that many above.</summary>
    public static float ShuffleDown(float value, int delta) => KernelContext.Outside<float>("Warp.ShuffleDown");

    /// <inheritdoc cref="ShuffleDown(float, int)"/>
    public static int ShuffleDown(int value, int delta) => KernelContext.Outside<int>("Warp.ShuffleDown");

    /// <summary>The value of the lane that many below.</summary>
    public static float ShuffleUp(float value, int delta) => KernelContext.Outside<float>("Warp.ShuffleUp");

    /// <inheritdoc cref="ShuffleUp(float, int)"/>
    public static int ShuffleUp(int value, int delta) => KernelContext.Outside<int>("Warp.ShuffleUp");

    /// <summary>The value of the lane whose number differs in the bits of the mask.</summary>
    public static float ShuffleXor(float value, int mask) => KernelContext.Outside<float>("Warp.ShuffleXor");

    /// <inheritdoc cref="ShuffleXor(float, int)"/>
    public static int ShuffleXor(int value, int mask) => KernelContext.Outside<int>("Warp.ShuffleXor");
}
