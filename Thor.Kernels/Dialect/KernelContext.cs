using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Thor.Kernels.Dialect;

/// <summary>
/// What a kernel on the processor knows of its launch: set for the calling OS thread while it runs a kernel's threads one after the
/// other. The cpu accelerator derives from it.
/// </summary>
public abstract class KernelContext
{
    [ThreadStatic]
    private static KernelContext? t_current;

    /// <summary>The launch that this OS thread is running a kernel of.</summary>
    /// <exception cref="InvalidOperationException">No kernel is running.</exception>
    public static KernelContext Current
    {
        get => t_current ?? throw new InvalidOperationException("Grid, Group, Warp, SharedMemory and LocalMemory have a meaning only inside a kernel.");
        internal set => t_current = value;
    }

    /// <summary>Groups of the launch.</summary>
    public Index3D GridSize { get; protected set; }

    /// <summary>Threads of a group.</summary>
    public Index3D GroupSize { get; protected set; }

    /// <summary>The running thread's group.</summary>
    public Index3D Group { get; protected set; }

    /// <summary>The running thread in its group.</summary>
    public Index3D Thread { get; protected set; }

    /// <summary>Name of the kernel.</summary>
    public string KernelName { get; protected set; } = string.Empty;

    /// <summary>Memory of the group: the n-th call of every thread gets the same array.</summary>
    public abstract ArrayView<T> AllocateShared<T>(int length)
        where T : unmanaged;

    /// <summary>The group's memory whose size the launch named.</summary>
    public abstract ArrayView<T> DynamicShared<T>()
        where T : unmanaged;

    /// <summary>Memory of the thread.</summary>
    public abstract ArrayView<T> AllocateLocal<T>(int length)
        where T : unmanaged;

    /// <summary>
    /// Offers this thread's value for exchange within its warp and names the lane that it wants the value of. Translated kernels call
    /// it, pause at the line, and then call <see cref="Receive"/>.
    /// </summary>
    public abstract void Offer(int bits, int lane);

    /// <summary>The bits that the lane offered; this thread's own where there is no such lane.</summary>
    public abstract int Receive();

    /// <summary>
    /// Offers this thread's operands of an instruction of a whole warp. Translated kernels call it, pause at the line, and then run the
    /// instruction's method, which asks for <see cref="Operands"/>.
    /// </summary>
    /// <param name="operands">Up to 16.</param>
    public abstract void OfferOperands(params ReadOnlySpan<int> operands);

    /// <summary>The operands that a lane of this thread's warp offered, from the first on.</summary>
    /// <param name="lane">0 to 31.</param>
    public abstract ReadOnlySpan<int> Operands(int lane);

    /// <inheritdoc cref="Offer(int, int)"/>
    public void OfferFloat(float value, int lane) => Offer(Interop.FloatAsInt(value), lane);

    /// <inheritdoc cref="Receive"/>
    public float ReceiveFloat() => Interop.IntAsFloat(Receive());

    /// <summary>Checks a promise of <c>Group.Uniform</c>: all threads of the group that pass the line must bring the same bits.</summary>
    public abstract void CheckUniform(int line, int bits);

    /// <summary>A value that all threads of the group that pass the line were promised to share.</summary>
    public int Uniform(int line, int value)
    {
        CheckUniform(line, value);
        return value;
    }

    /// <inheritdoc cref="Uniform(int, int)"/>
    public bool Uniform(int line, bool value)
    {
        CheckUniform(line, value ? 1 : 0);
        return value;
    }

    /// <summary>" in kernel K, group (x, y, z), thread (x, y, z)", or nothing outside a kernel.</summary>
    internal static string Where() => t_current is KernelContext context
        ? string.Create(CultureInfo.InvariantCulture, $" in kernel {context.KernelName}, group ({context.Group.X}, {context.Group.Y}, {context.Group.Z}), thread ({context.Thread.X}, {context.Thread.Y}, {context.Thread.Z})")
        : string.Empty;

    /// <summary>Ends the work of this OS thread on a kernel.</summary>
    internal static void Leave() => t_current = null;

    [DoesNotReturn]
    internal static void Outside(string name) => throw new InvalidOperationException(
        $"{name} has a meaning only in a kernel that an accelerator launched; it was called as an ordinary method.");

    [DoesNotReturn]
    internal static T Outside<T>(string name)
    {
        Outside(name);
        return default;
    }
}
