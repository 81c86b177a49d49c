using System.Collections.Generic;

namespace Thor.Kernels.Translator.Tree;

internal enum VariableRole
{
    Local,
    Parameter,

    /// <summary>A parameter by reference.</summary>
    Reference,
}

/// <summary>A variable or parameter, compared by identity.</summary>
internal sealed class Variable
{
    public Variable(string name, KernelType type, VariableRole role)
    {
        Name = name;
        Type = type;
        Role = role;
    }

    /// <summary>The name in C#, or the translator's own for a temporary.</summary>
    public string Name { get; }

    /// <summary>True if no variable of the C# stands behind it.</summary>
    public bool IsTemporary { get; set; }

    public KernelType Type { get; }

    public VariableRole Role { get; }

    /// <summary>Memory that a reference points to.</summary>
    public MemorySpace Space { get; set; } = MemorySpace.Private;

    /// <summary>Of a view: whether its length is read.</summary>
    public bool IsLengthUsed { get; set; }

    /// <summary>Of a local view: its length.</summary>
    public Expression? Length { get; set; }

    /// <summary>Of a parameter of the kernel: the macro that holds its value.</summary>
    public bool IsSpecialized { get; set; }
}

/// <summary>PTX that stands for the body of a function.</summary>
internal sealed record PtxText(string Text, bool TouchesMemory);

/// <summary>A kernel or a helper, for one combination of memory spaces of its views. Compared by identity.</summary>
internal sealed class Function
{
    public Function(string name, string description)
    {
        Name = name;
        Description = description;
    }

    /// <summary>Classes and method, joined by '_'; unique in a kernel once numbered.</summary>
    public string Name { get; set; }

    /// <summary>The method as a reader of the C# knows it.</summary>
    public string Description { get; }

    public List<Variable> Parameters { get; } = new();

    public KernelType ReturnType { get; set; } = KernelType.Void;

    public Block Body { get; set; } = new(new List<Statement>());

    public PtxText? Ptx { get; set; }

    /// <summary>True if it waits at barriers or exchanges values, itself or through others.</summary>
    public bool HasBarriers { get; set; }

    /// <summary>True if it exchanges values within warps, itself or through others.</summary>
    public bool HasShuffles { get; set; }

    /// <summary>True if it writes memory that others see, itself or through others. What it does to references, its callers see by themselves.</summary>
    public bool HasEffects { get; set; }
}
