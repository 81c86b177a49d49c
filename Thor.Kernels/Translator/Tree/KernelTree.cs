using System.Collections.Generic;

namespace Thor.Kernels.Translator.Tree;

/// <summary>A kernel, lowered: everything that printers need.</summary>
internal sealed class KernelTree
{
    public KernelTree(Function entry)
    {
        Entry = entry;
    }

    public Function Entry { get; }

    /// <summary>Functions that the kernel calls; each stands after those that it calls itself.</summary>
    public List<Function> Helpers { get; } = new();

    /// <summary>Structs, each after those that it contains.</summary>
    public List<StructType> Structs { get; } = new();

    public bool UsesDynamicShared { get; set; }

    public bool HasPtx { get; set; }

    public int MaxGroupSize { get; set; }

    public int MinGroupsPerMultiprocessor { get; set; }

    /// <summary>Alignment of arrays in bytes: that of the widest vector in use, at least 16.</summary>
    public int ArrayAlignment { get; set; } = 16;

    /// <summary>Name of the C# file.</summary>
    public string FileName { get; set; } = string.Empty;

    /// <summary>What the kernel does, in one line; empty where nobody said.</summary>
    public string Summary { get; set; } = string.Empty;
}
