namespace Thor.Kernels.Translator.Tree;

/// <summary>A type that every target has.</summary>
internal abstract record KernelType
{
    public static readonly ScalarType Bool = new(ScalarKind.Bool);
    public static readonly ScalarType Int = new(ScalarKind.Int32);
    public static readonly ScalarType UInt = new(ScalarKind.UInt32);
    public static readonly ScalarType Long = new(ScalarKind.Int64);
    public static readonly ScalarType Float = new(ScalarKind.Single);
    public static readonly VoidType Void = new();

    /// <summary>Bytes, as C# lays the type out.</summary>
    public abstract int Size { get; }
}

/// <summary>The result of a method that returns nothing.</summary>
internal sealed record VoidType : KernelType
{
    public override int Size => 0;
}

/// <summary>Numbers and truth values.</summary>
internal enum ScalarKind
{
    Bool,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Single,
}

/// <summary>A number or truth value.</summary>
internal sealed record ScalarType(ScalarKind Kind) : KernelType
{
    public bool IsFloat => Kind == ScalarKind.Single;

    public bool IsUnsigned => Kind is ScalarKind.Byte or ScalarKind.UInt16 or ScalarKind.UInt32 or ScalarKind.UInt64;

    public override int Size => Kind switch
    {
        ScalarKind.Bool or ScalarKind.SByte or ScalarKind.Byte => 1,
        ScalarKind.Int16 or ScalarKind.UInt16 => 2,
        ScalarKind.Int64 or ScalarKind.UInt64 => 8,
        _ => 4,
    };
}

/// <summary>Several floats: 2, 4, 8 or 16.</summary>
internal sealed record VectorType(int Lanes) : KernelType
{
    public override int Size => 4 * Lanes;
}

/// <summary>A field of a struct.</summary>
internal sealed record StructField(string Name, KernelType Type);

/// <summary>A plain struct. Its name is unique in a kernel.</summary>
internal sealed record StructType(string Name, EquatableArray<StructField> Fields) : KernelType
{
    /// <summary>Strictest alignment of a field.</summary>
    public int Alignment
    {
        get
        {
            int alignment = 1;
            foreach (StructField part in Fields)
            {
                int own = part.Type is StructType inner ? inner.Alignment : part.Type.Size;
                alignment = own > alignment ? own : alignment;
            }

            return alignment;
        }
    }

    public override int Size
    {
        get
        {
            int size = 0;
            foreach (StructField part in Fields)
            {
                int own = part.Type is StructType inner ? inner.Alignment : part.Type.Size;
                size = ((size + own - 1) / own * own) + part.Type.Size;
            }

            return (size + Alignment - 1) / Alignment * Alignment;
        }
    }
}

/// <summary>Where the elements of a view lie. OpenCL pointers carry it in their type.</summary>
internal enum MemorySpace
{
    Global,
    ReadOnly,
    Shared,
    Private,
}

/// <summary>A view: a pointer to its first element, and a length where that is read.</summary>
internal sealed record ViewType(KernelType Element, MemorySpace Space) : KernelType
{
    public override int Size => 8;
}
