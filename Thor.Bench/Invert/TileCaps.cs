using Thor.Kernels.Accelerators;

namespace Thor.Bench.Invert;

/// <summary>What is not measured, and why.</summary>
internal static class TileCaps
{
    /// <summary>The accelerator that runs kernels as C#, with every check: correct, and no measure of speed.</summary>
    public const string Debugger = "cpu";

    private const int DebuggerBatch = 2;
    private const int DebuggerDimension = 128;

    // What is left to the system and to other programs.
    private const double ShareOfMemory = 0.5;
    private const double ShareOfDeviceMemory = 0.85;

    /// <summary>Why a cell is left out on a device; null if it is not.</summary>
    /// <param name="problem">The cell.</param>
    /// <param name="accelerator">The device; null for the host.</param>
    /// <param name="copies">How many times results are held, beside the operands.</param>
    public static string? Reason(TileProblem problem, Accelerator? accelerator, int copies)
    {
        if (accelerator?.Name == Debugger && (problem.Batch > DebuggerBatch || problem.Dimension > DebuggerDimension))
        {
            return $"{Debugger} checks every access and is slow: batches to {DebuggerBatch} and dimensions to {DebuggerDimension} only";
        }

        foreach (TileOperand operand in problem.Operands)
        {
            if (operand.Elements > int.MaxValue)
            {
                return $"an operand would have {operand.Elements} elements, of which {int.MaxValue} can be addressed";
            }
        }

        long bytes = problem.SetBytes + ((long)(copies - 1) * problem.Output.Elements * sizeof(float));
        if (accelerator is { Properties: AcceleratorProperties device })
        {
            long largest = Math.Max(problem.Output.Elements, problem.Operands.Max(static operand => operand.Elements)) * sizeof(float);
            if (largest > device.MaxAllocationBytes)
            {
                return $"an operand takes {Gibibytes(largest)}, {accelerator.Name} allocates at most {Gibibytes(device.MaxAllocationBytes)} at once";
            }

            long room = (long)(device.MemoryBytes * ShareOfDeviceMemory);
            if (!device.IsProcessor)
            {
                return bytes > room ? $"takes {Gibibytes(bytes)}, {accelerator.Name} has {Gibibytes(device.MemoryBytes)}" : null;
            }
        }

        long free = HostMemory.FreeBytes;
        return bytes > free * ShareOfMemory ? $"takes {Gibibytes(bytes)}, and half of the {Gibibytes(free)} that are free is the most to take" : null;
    }

    private static string Gibibytes(long bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");
}
