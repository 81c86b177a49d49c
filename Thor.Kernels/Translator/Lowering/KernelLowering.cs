using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <summary>Lowers a kernel and all that it calls to a tree that knows no dialect.</summary>
internal sealed class KernelLowering
{
    // What compilers for CUDA accept of arrays whose size is fixed.
    private const int MaxStaticSharedBytes = 48 * 1024;

    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, Function> _functions = new();
    private readonly List<KeyValuePair<ISymbol, string>> _methodKeys = new();
    private readonly HashSet<ISymbol> _inProgress = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _names = new();
    private KernelTree? _tree;
    private int _sharedBytes;

    public KernelLowering(Compilation compilation, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        _compilation = compilation;
        _cancellation = cancellation;
        Diagnostics = diagnostics;
        Types = new TypeMap(diagnostics, Structs, UniqueName);
    }

    public DiagnosticBag Diagnostics { get; }

    public TypeMap Types { get; }

    public List<StructType> Structs { get; } = new();

    /// <summary>True if the C# itself does not compile; the compiler says so.</summary>
    public bool IsBroken { get; set; }

    public KernelTree Tree => _tree ?? throw new InvalidOperationException("No kernel has been lowered.");

    /// <summary>Lowers a kernel whose declaration has been checked.</summary>
    public KernelTree Lower(IMethodSymbol kernel, KernelDeclaration declaration)
    {
        Function entry = new(UniqueName(kernel.ChainName()), kernel.ShortName());
        _tree = new KernelTree(entry)
        {
            MaxGroupSize = declaration.MaxGroupSize,
            MinGroupsPerMultiprocessor = declaration.MinGroupsPerMultiprocessor,
            FileName = declaration.FileName,
            Summary = declaration.Summary,
        };
        FunctionLowering lowering = new(this, entry, kernel, isKernel: true);
        foreach (IParameterSymbol parameter in kernel.Parameters)
        {
            SyntaxNode node = parameter.DeclaringSyntaxReferences[0].GetSyntax(_cancellation);
            if (ParameterType(parameter, node) is KernelType type)
            {
                lowering.AddParameter(parameter, new Variable(parameter.Name, type, VariableRole.Parameter) { IsSpecialized = parameter.Type.IsSpecialized() });
            }
        }

        _inProgress.Add(kernel);
        LowerBody(lowering, kernel);
        _tree.Structs.AddRange(Structs);
        return _tree;
    }

    /// <summary>The function of a method for arguments in given memory; null after a diagnostic.</summary>
    public Function? Helper(IMethodSymbol method, IReadOnlyList<KernelType?> arguments, IReadOnlyList<MemorySpace> spaces, SyntaxNode call)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_inProgress.Contains(method))
        {
            Diagnostics.Add(Rules.Recursion, call, method.ShortName());
            return null;
        }

        string key = MethodKey(method) + ":" + string.Join(",", spaces);
        if (_functions.TryGetValue(key, out Function known))
        {
            return known;
        }

        SyntaxNode? declaration = method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancellation);
        if (declaration is null)
        {
            Diagnostics.Add(Rules.ExternalCall, call, method.ShortName());
            return null;
        }

        Function function = new(Name(method), method.ShortName()) { ReturnType = KernelType.Void };
        bool isConstructor = method.MethodKind == MethodKind.Constructor;
        ITypeSymbol result = isConstructor ? method.ContainingType : method.ReturnType;
        if (method.ReturnsByRef || method.ReturnsByRefReadonly || result.IsView())
        {
            Diagnostics.Add(Rules.HelperSignature, declaration, method.ShortName(), $"returns '{result.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}'");
            return null;
        }

        KernelType? returnType = Types.Value(result, declaration is Microsoft.CodeAnalysis.CSharp.Syntax.MethodDeclarationSyntax m ? m.ReturnType : call);
        if (returnType is null)
        {
            return null;
        }

        function.ReturnType = returnType;
        FunctionLowering lowering = new(this, function, method, isKernel: false);
        for (int i = 0; i < method.Parameters.Length; i++)
        {
            IParameterSymbol parameter = method.Parameters[i];
            if (arguments[i] is not KernelType type)
            {
                return null;
            }

            bool byReference = parameter.RefKind is RefKind.Ref or RefKind.Out;
            lowering.AddParameter(parameter, new Variable(parameter.Name, type, byReference ? VariableRole.Reference : VariableRole.Parameter) { Space = spaces[i] });
        }

        if (method.FindAttribute("Thor.Kernels.PtxAttribute") is AttributeData ptx)
        {
            return Ptx(method, function, ptx, key, declaration);
        }

        _inProgress.Add(method);
        LowerBody(lowering, method);
        _inProgress.Remove(method);
        _functions[key] = function;
        Tree.Helpers.Add(function);
        return function;
    }

    /// <summary>Counts an array in shared memory whose length is known.</summary>
    public void CountShared(KernelType element, Expression length, SyntaxNode node)
    {
        if (length is Literal { Value: int count })
        {
            _sharedBytes += element.Size * count;
            if (_sharedBytes > MaxStaticSharedBytes)
            {
                Diagnostics.Add(
                    Rules.SharedBudget,
                    node,
                    _sharedBytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    MaxStaticSharedBytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Notes that a vector type is used.</summary>
    public void CountVector(KernelType type)
    {
        if (type is VectorType && type.Size > Tree.ArrayAlignment)
        {
            Tree.ArrayAlignment = type.Size;
        }
    }

    private KernelType? ParameterType(IParameterSymbol parameter, SyntaxNode node)
    {
        if (parameter.Type.IsView())
        {
            ITypeSymbol element = ((INamedTypeSymbol)parameter.Type).TypeArguments[0];
            return Types.Element(element, node) is KernelType type
                ? new ViewType(type, parameter.Type.IsReadOnlyView() ? MemorySpace.ReadOnly : MemorySpace.Global)
                : null;
        }

        return Types.Value(parameter.Type, node);
    }

    private void LowerBody(FunctionLowering lowering, IMethodSymbol method)
    {
        IMethodSymbol source = method.PartialImplementationPart ?? method;
        SyntaxNode syntax = source.DeclaringSyntaxReferences[0].GetSyntax(_cancellation);
        IOperation? operation = _compilation.ModelOf(syntax.SyntaxTree).GetOperation(syntax, _cancellation);
        IOperation? body = operation switch
        {
            IMethodBodyOperation methodBody => methodBody.BlockBody ?? methodBody.ExpressionBody,
            IConstructorBodyOperation constructor => constructor.BlockBody ?? constructor.ExpressionBody,
            ILocalFunctionOperation local => local.Body ?? local.IgnoredBody,
            _ => null,
        };
        if (body is IBlockOperation block)
        {
            lowering.Lower(block);
        }
        else if (!lowering.LowerPrimaryConstructor(method))
        {
            Diagnostics.Add(Rules.ExternalCall, syntax, method.ShortName());
        }
    }

    private Function? Ptx(IMethodSymbol method, Function function, AttributeData ptx, string key, SyntaxNode node)
    {
        string? fault = null;
        bool needsWarp = ptx.Argument("NeedsWarp", false);
        foreach (Variable parameter in function.Parameters)
        {
            bool fits = parameter.Type is ScalarType { Kind: ScalarKind.Int32 or ScalarKind.UInt32 or ScalarKind.Int64 or ScalarKind.UInt64 or ScalarKind.Single }
                || (parameter.Type is ViewType view && view.Space != MemorySpace.Private);
            fault = fits ? fault : $"parameter '{parameter.Name}' cannot be an operand";
        }

        bool returns = function.ReturnType is VoidType
            or ScalarType { Kind: ScalarKind.Int32 or ScalarKind.UInt32 or ScalarKind.Int64 or ScalarKind.UInt64 or ScalarKind.Single };
        fault = returns ? fault : "its result cannot be an operand";
        if (needsWarp && (function.ReturnType is not VoidType || function.Parameters.Any(static p => p.Role != VariableRole.Reference && p.Type is not ScalarType { Kind: ScalarKind.Int32 })))
        {
            fault ??= "a method that needs a warp takes its operands as int and gives its results by ref";
        }

        if (fault is not null)
        {
            Diagnostics.Add(Rules.PtxSignature, node, method.ShortName(), fault);
            return null;
        }

        function.Ptx = new PtxText((string)ptx.ConstructorArguments[0].Value!, ptx.Argument("TouchesMemory", false)); // the attribute has one argument
        function.HasBarriers = needsWarp;
        function.HasEffects = needsWarp || function.Ptx.TouchesMemory;
        Tree.HasPtx = true;
        _functions[key] = function;
        Tree.Helpers.Add(function);
        return function;
    }

    // Constructed generic methods are keys of their own; symbols have no stable text, so they are numbered.
    private string MethodKey(IMethodSymbol method)
    {
        foreach (KeyValuePair<ISymbol, string> entry in _methodKeys)
        {
            if (SymbolEqualityComparer.Default.Equals(entry.Key, method))
            {
                return entry.Value;
            }
        }

        string key = _methodKeys.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _methodKeys.Add(new KeyValuePair<ISymbol, string>(method, key));
        return key;
    }

    // Helpers of several forms or names that join to the same text are numbered.
    private string Name(IMethodSymbol method)
    {
        string name = method.MethodKind switch
        {
            MethodKind.Constructor => method.ContainingType.ChainName() + "_New",
            MethodKind.UserDefinedOperator or MethodKind.Conversion => method.ChainName().Replace("op_", string.Empty),
            _ => method.ChainName(),
        };
        return UniqueName(name);
    }

    private string UniqueName(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = name + "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return unique;
    }
}
