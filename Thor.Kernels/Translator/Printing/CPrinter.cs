using System.Collections.Generic;
using System.Linq;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Printing;

/// <summary>Prints a kernel as C. What dialects do differently is abstract or virtual here: the base class is the table of the dialect.</summary>
internal abstract partial class CPrinter
{
    private readonly Snippets _snippets;
    private readonly HashSet<StructType> _usedStructs = new();

    protected CPrinter(KernelTree tree, IEnumerable<Snippet> snippets)
    {
        Tree = tree;
        _snippets = new Snippets(snippets);
    }

    protected KernelTree Tree { get; }

    protected SourceWriter Writer { get; private set; } = new();

    /// <summary>What stands in front of helpers.</summary>
    protected abstract string HelperPrefix { get; }

    protected abstract string BarrierText { get; }

    protected abstract string LongSuffix { get; }

    /// <summary>The kernel with all that it needs: a text of its own.</summary>
    public string Print()
    {
        foreach (Function helper in Tree.Helpers)
        {
            Writer.Line();
            PrintFunction(helper);
        }

        Writer.Line();
        PrintKernel();
        string code = Writer.ToString();
        Writer = new SourceWriter();
        string summary = Tree.Summary.Length > 0 ? ": " + Tree.Summary : string.Empty;
        Writer.Line($"// {Tree.Entry.Description} of {Tree.FileName}{summary}");
        PrintPreamble();
        foreach (StructType type in Tree.Structs.Where(IsUsed))
        {
            Writer.Line();
            PrintStruct(type);
        }

        foreach (Snippet snippet in _snippets.Used)
        {
            Writer.Line();
            Writer.Lines(snippet.Text);
        }

        return Writer.ToString() + code;
    }

    protected string Use(string snippet) => _snippets.Use(snippet);

    protected abstract void PrintPreamble();

    protected abstract void PrintStruct(StructType type);

    /// <summary>Prints the head of the kernel, opens its body, and prints what must stand first in it.</summary>
    protected abstract void PrintKernelHead();

    protected abstract void PrintPtx(Function function);

    protected abstract string ScalarName(ScalarKind kind);

    protected abstract string VectorName(int lanes);

    /// <summary>The type of pointers to elements in some memory, with the '*'.</summary>
    protected abstract string PointerName(KernelType element, MemorySpace space);

    /// <summary>The declaration of an array, without a semicolon.</summary>
    protected abstract string ArrayText(KernelType element, string name, string length, MemorySpace space);

    protected abstract string LaunchText(LaunchValue value, int axis);

    protected abstract string BitsText(uint bits);

    protected abstract string FloatToIntegerText(string value, ScalarKind kind);

    protected abstract string IntrinsicText(IntrinsicCall call);

    protected abstract string FenceText(FenceScope scope);

    protected abstract string PrefetchText(string element);

    protected abstract string SplatText(string value, VectorType vector);

    protected abstract string VectorText(IReadOnlyList<string> lanes, VectorType vector);

    protected abstract string DefaultText(KernelType type);

    protected abstract string StructText(StructType type, IReadOnlyList<string> fields);

    protected abstract string DynamicSharedText { get; }

    /// <summary>Called for each operator on vectors.</summary>
    protected virtual void NoteVectorOperator(BinaryOperator kind, int lanes)
    {
    }

    /// <summary>Parameters and arguments that functions which exchange values take before all others.</summary>
    protected virtual string? ExchangeParameter => null;

    protected virtual string? ExchangeArgument => null;

    protected static string Name(Variable variable) => variable.IsTemporary ? variable.Name : CNames.Of(variable.Name);

    protected string TypeName(KernelType type) => type switch
    {
        ScalarType scalar => ScalarName(scalar.Kind),
        VectorType vector => VectorName(vector.Lanes),
        StructType structure => StructName(structure),
        ViewType view => PointerName(view.Element, view.Space),
        _ => "void",
    };

    protected string Parameter(Variable variable) => variable switch
    {
        { Role: VariableRole.Reference } => $"{PointerName(variable.Type, variable.Space)} {Name(variable)}",
        _ => $"{TypeName(variable.Type)} {Name(variable)}",
    };

    protected string LengthParameter(Variable variable) => $"{ScalarName(ScalarKind.Int64)} {CNames.Length(variable.Name)}";

    protected string FunctionHead(Function function)
    {
        List<string> parameters = new();
        if (function.HasShuffles && ExchangeParameter is string exchange)
        {
            parameters.Add(exchange);
        }

        foreach (Variable parameter in function.Parameters)
        {
            parameters.Add(Parameter(parameter));
            if (parameter.IsLengthUsed)
            {
                parameters.Add(LengthParameter(parameter));
            }
        }

        string list = parameters.Count == 0 ? "void" : string.Join(", ", parameters);
        return $"{HelperPrefix} {TypeName(function.ReturnType)} {CNames.Function(function.Name)}({list})";
    }

    private string StructName(StructType type)
    {
        _usedStructs.Add(type);
        return CNames.Struct(type.Name);
    }

    private bool IsUsed(StructType type) =>
        _usedStructs.Contains(type) || _usedStructs.Any(outer => Holds(outer, type));

    private static bool Holds(StructType outer, StructType type) => outer.Fields.Any(f => f.Type is StructType inner && (inner == type || Holds(inner, type)));

    private void PrintFunction(Function function)
    {
        if (function.Ptx is not null)
        {
            PrintPtx(function);
            return;
        }

        Writer.Line(FunctionHead(function));
        Writer.Open();
        PrintStatements(function.Body.Statements);
        Writer.Close();
    }

    private void PrintKernel()
    {
        PrintKernelHead();
        bool any = false;
        foreach (ArrayDeclaration array in Tree.Entry.Body.Statements.OfType<ArrayDeclaration>())
        {
            if (((ViewType)array.Variable.Type).Space == MemorySpace.Shared)
            {
                PrintArray(array);
                any = true;
            }
        }

        if (any)
        {
            Writer.Line();
        }

        PrintStatements(Tree.Entry.Body.Statements.Where(
            s => s is not ArrayDeclaration { Variable.Type: ViewType { Space: MemorySpace.Shared } }).ToList());
        Writer.Close();
    }

    private void PrintArray(ArrayDeclaration array)
    {
        ViewType view = (ViewType)array.Variable.Type;
        Writer.Line(ArrayText(view.Element, Name(array.Variable), Text(array.Length), view.Space) + ";");
    }
}
