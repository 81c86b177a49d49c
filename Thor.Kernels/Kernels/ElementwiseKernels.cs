namespace Thor.Kernels.Kernels;

/// <summary>
/// Element-wise kernels of 32-bit words, floats or ints as the operation says.
/// </summary>
/// <remarks>
/// GPU: groups of 256 threads, x along columns, y along rows; a thread takes four columns a group's width apart, so that
/// neighbours read neighbours and four loads an operand are under way. Processor: groups of one thread, which walks along whole rows or a part of one in
/// a loop that the compiler makes vector code of. No shared memory. Each element is read and written once: 2 to 4 words of traffic for
/// 1 to 60 operations, so memory bounds all but the transcendental functions.
/// </remarks>
internal static partial class ElementwiseKernels
{
}
