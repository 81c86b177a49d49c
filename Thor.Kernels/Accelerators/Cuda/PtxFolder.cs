using System.Collections.Concurrent;
using System.Text;

namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Makes the PTX of kernels ahead of time: one file per variant, named so that <see cref="KernelSource.PtxName"/> finds it.</summary>
public static class PtxFolder
{
    /// <summary>Compiles every variant that the kernels declare, and those without specialised values, into a folder. What does not compile, or needs a library, is left out.</summary>
    /// <param name="folder">Created where it is missing; other files in it stay.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="compiler">The compiler.</param>
    /// <returns>One line per variant: what was written, or why not.</returns>
    public static IReadOnlyList<PtxOutcome> Write(string folder, IEnumerable<KernelSource> kernels, ClangCompiler compiler)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(compiler);
        Directory.CreateDirectory(folder);
        (KernelSource Kernel, int[] Values)[] variants = [.. kernels.SelectMany(static kernel => Variants(kernel).Select(values => (kernel, values)))];
        ConcurrentDictionary<int, PtxOutcome> outcomes = new();
        Parallel.For(0, variants.Length, i => outcomes[i] = Write(folder, variants[i].Kernel, variants[i].Values, compiler));
        return [.. Enumerable.Range(0, variants.Length).Select(i => outcomes[i])];
    }

    /// <summary>The values that a kernel is compiled for ahead of time: one empty list for a kernel without specialised values.</summary>
    public static IReadOnlyList<int[]> Variants(KernelSource kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Specialized.Count == 0 ? [[]] : kernel.Variants;
    }

    private static PtxOutcome Write(string folder, KernelSource kernel, int[] values, ClangCompiler compiler)
    {
        string name = kernel.PtxName(values);
        if (compiler.Compile(kernel, values, out string log) is not PtxText ptx)
        {
            return new PtxOutcome(kernel, values, null, log);
        }

        if (ptx.UnresolvedFunctions.Count > 0)
        {
            return new PtxOutcome(kernel, values, ptx, $"it calls {string.Join(", ", ptx.UnresolvedFunctions)}, which a library would have to bring");
        }

        File.WriteAllText(Path.Combine(folder, name), ptx.Text, Encoding.ASCII);
        return new PtxOutcome(kernel, values, ptx, null);
    }
}
