namespace Thor.Kernels.Accelerators;

/// <summary>
/// Memory for work on a second queue: while it is on, the blocks that a thread asks for and gives back belong to a store of their own in
/// each pool, which only such work uses. A block of it may be handed out again at once, since the second queue is worked in order too.
/// All work submitted to a device while it is on must go to one and the same queue.
/// </summary>
public static class SideMemory
{
    [ThreadStatic]
    private static bool t_on;

    /// <summary>Whether it is on for this thread.</summary>
    internal static bool IsOn => t_on;

    /// <summary>Runs an action with it on.</summary>
    public static void Use(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        bool outer = t_on;
        t_on = true;
        try
        {
            action();
        }
        finally
        {
            t_on = outer;
        }
    }
}
