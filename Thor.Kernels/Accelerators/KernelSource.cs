using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Thor.Kernels.Accelerators;

/// <summary>What the translator made of one kernel. Created once per kernel, by generated code.</summary>
public sealed class KernelSource
{
    private static int s_count;
    private string? _hash;

    /// <summary>Number of this kernel in the process, from 0: an index for the tables of accelerators.</summary>
    public int Id { get; } = Interlocked.Increment(ref s_count) - 1;

    /// <summary>Name of the entry point: the class and the method, a C identifier.</summary>
    public required string Name { get; init; }

    /// <summary>OpenCL C 1.2 text; null for kernels that need CUDA.</summary>
    public required string? OpenCL { get; init; }

    /// <summary>CUDA C text.</summary>
    public required string Cuda { get; init; }

    /// <summary>
    /// Names of the macros that specialised values are compiled in by, in the order of the parameters. A compiler puts
    /// <c>#define NAME value</c> in front of the text.
    /// </summary>
    public IReadOnlyList<string> Specialized { get; init; } = [];

    /// <summary>Values of the macros that are compiled ahead of time.</summary>
    public IReadOnlyList<int[]> Variants { get; init; } = [];

    /// <summary>Most threads of a group; 0 where the kernel does not say.</summary>
    public int MaxGroupSize { get; init; }

    /// <summary>True if threads meet at barriers or exchange values, so that the processor must run them side by side.</summary>
    public bool HasBarriers { get; init; }

    /// <summary>True if the kernel holds PTX instructions and therefore needs CUDA or the processor.</summary>
    public bool HasPtx { get; init; }

    /// <summary>
    /// True if the kernel calls <c>SharedMemory.GetDynamic</c>. Its OpenCL form then takes a last <c>__local</c> argument of as many
    /// bytes as the launch says; the translator must set it, since an argument too many or too few fails the launch.
    /// </summary>
    public bool UsesDynamicShared { get; init; }

    /// <summary>For each parameter in order, whether the kernel reads the length of the view and takes it as a further argument (int64).</summary>
    public IReadOnlyList<bool> TakesLength { get; init; } = [];

    /// <summary>File and line of the method, for messages.</summary>
    public string Location { get; init; } = string.Empty;

    /// <summary>SHA-256 of the CUDA text in hexadecimal: names embedded PTX.</summary>
    public string CudaHash => _hash ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Cuda)));

    /// <summary>File name of the PTX of one variant made ahead of time: kernel, values of the macros, hash of the CUDA text.</summary>
    /// <param name="values">One value per macro of <see cref="Specialized"/>.</param>
    public string PtxName(ReadOnlySpan<int> values)
    {
        StringBuilder name = new(Name);
        foreach (int value in values)
        {
            name.Append(CultureInfo.InvariantCulture, $"-{value}");
        }

        return name.Append(CultureInfo.InvariantCulture, $".{CudaHash}.ptx").ToString();
    }

    /// <summary>A text of this kernel as a compiler takes it: the macros of the specialised values, then the text.</summary>
    /// <param name="text"><see cref="OpenCL"/> or <see cref="Cuda"/>.</param>
    /// <param name="values">One value per macro of <see cref="Specialized"/>.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than macros.</exception>
    public string WithMacros(string text, ReadOnlySpan<int> values)
    {
        if (values.Length != Specialized.Count)
        {
            throw new ArgumentException(
                $"Kernel {Name} is compiled for {Specialized.Count} specialised values ({string.Join(", ", Specialized)}); {values.Length} were given.", nameof(values));
        }

        StringBuilder all = new();
        for (int i = 0; i < values.Length; i++)
        {
            all.Append(CultureInfo.InvariantCulture, $"#define {Specialized[i]} {values[i]}\n");
        }

        return all.Append(text).ToString();
    }
}
