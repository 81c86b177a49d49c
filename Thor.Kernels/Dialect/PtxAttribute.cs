namespace Thor.Kernels;

/// <summary>
/// Marks a static method whose calls in CUDA code become one PTX instruction sequence. Operands %0, %1, ... are the parameters in
/// order, after the result if the method returns a number: a <c>ref</c> parameter is read and written in a register; a view is the
/// address of its first element, 32 bits wide for shared memory and 64 for device memory. A register of PTX itself is written %%name. A kernel that calls such a method runs on CUDA, and on the processor if the method's C# body does the same work.
/// </summary>
/// <param name="text">The instructions.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PtxAttribute(string text) : Attribute
{
    /// <summary>The instructions.</summary>
    public string Text { get; } = text;

    /// <summary>True if memory is read or written, so that the compiler keeps other accesses on their side.</summary>
    public bool TouchesMemory { get; init; }

    /// <summary>
    /// True if all lanes of a warp execute the instructions together, each with operands of its own. Such a method returns nothing, takes operands as
    /// int and gives results by ref; a call is a statement of its own where threads meet, as a barrier is. On the processor every lane offers its operands, waits for
    /// the others, and then runs the C# body, which reads theirs by <see cref="Dialect.KernelContext.Operands"/>.
    /// </summary>
    public bool NeedsWarp { get; init; }
}
