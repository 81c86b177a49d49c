using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Views: pointers with a length that exists only where it is read.</content>
internal sealed partial class FunctionLowering
{
    private const string SharedAllocate = "Thor.Kernels.Dialect.SharedMemory.Allocate";
    private const string LocalAllocate = "Thor.Kernels.Dialect.LocalMemory.Allocate";

    private void DeclareView(ILocalSymbol symbol, IOperation? initial, SyntaxNode node)
    {
        while (initial is IConversionOperation conversion)
        {
            initial = conversion.Operand;
        }

        if (initial is null)
        {
            Diagnostics.Add(Rules.ViewAssignment, node, symbol.Name);
            return;
        }

        if (initial is IInvocationOperation invocation && invocation.TargetMethod.FullName() is SharedAllocate or LocalAllocate)
        {
            DeclareArray(symbol, (IInvocationOperation)initial);
            return;
        }

        if (View(initial) is not Expression view)
        {
            return;
        }

        Variable variable = new(symbol.Name, view.Type, VariableRole.Local);
        _variables[symbol] = variable;
        _initial[variable] = view;
        _output.Add(new ViewDeclaration(variable, view));
    }

    private void DeclareArray(ILocalSymbol symbol, IInvocationOperation allocation)
    {
        bool isShared = allocation.TargetMethod.FullName() == SharedAllocate;
        string name = isShared ? "SharedMemory.Allocate" : "LocalMemory.Allocate";
        if (isShared && (!_isKernel || _depth > 0))
        {
            Diagnostics.Add(Rules.AllocationPlace, allocation.Syntax, name, _isKernel ? "inside a block" : "in a helper");
        }

        ITypeSymbol elementType = Resolve(allocation.TargetMethod.TypeArguments[0]);
        KernelType? element = _kernel.Types.Element(elementType, allocation.Syntax);
        IOperation size = allocation.Arguments[0].Value;
        Expression length = Substitute(Value(size));
        if (!IsKnown(length) || length is Literal { Value: < 1 })
        {
            Diagnostics.Add(Rules.AllocationSize, size.Syntax, size.Syntax.ToString());
            return;
        }

        if (element is null)
        {
            return;
        }

        Variable variable = new(symbol.Name, new ViewType(element, isShared ? MemorySpace.Shared : MemorySpace.Private), VariableRole.Local)
        {
            Length = new Conversion(length, KernelType.Long),
        };
        _variables[symbol] = variable;
        _kernel.CountVector(element);
        if (isShared)
        {
            _kernel.CountShared(element, length, allocation.Syntax);
        }

        _output.Add(new ArrayDeclaration(variable, length));
    }

    /// <summary>A view; null after a diagnostic.</summary>
    private Expression? View(IOperation operation)
    {
        switch (operation)
        {
            case IParenthesizedOperation parenthesized:
                return View(parenthesized.Operand);
            case IConversionOperation conversion when conversion.Operand.Type?.IsView() == true:
                return View(conversion.Operand);
            case ILocalReferenceOperation local:
                return _variables.TryGetValue(local.Local, out Variable variable) ? new ViewValue(variable) : UnknownView(operation);
            case IParameterReferenceOperation parameter:
                return _variables.TryGetValue(parameter.Parameter, out Variable own) ? new ViewValue(own) : UnknownView(operation);
            case IInvocationOperation invocation:
                return ViewCall(invocation);
            case IConditionalOperation choice when choice.WhenFalse is not null:
                return ViewChoice(choice);
            case IObjectCreationOperation { Arguments.Length: 1 } creation when creation.Type?.IsReadOnlyView() == true:
                return View(creation.Arguments[0].Value);
            default:
                Refuse(operation);
                return null;
        }
    }

    private Expression? UnknownView(IOperation operation)
    {
        Unknown(operation);
        return null;
    }

    private Expression? ViewCall(IInvocationOperation invocation)
    {
        IMethodSymbol method = invocation.TargetMethod;
        if (method.ContainingType.IsView() && invocation.Instance is not null)
        {
            if (View(invocation.Instance) is not { Type: ViewType type } view)
            {
                return null;
            }

            switch (method.Name)
            {
                case "SubView":
                    Expression index = Value(invocation.Arguments[0].Value);
                    Expression? length = invocation.Arguments.Length > 1 ? Value(invocation.Arguments[1].Value) : null;
                    return new ViewOffset(view, index, length, type);
                case "Cast" when _kernel.Types.Element(Resolve(method.TypeArguments[0]), invocation.Syntax) is KernelType element:
                    _kernel.CountVector(element);
                    return new ViewCast(view, new ViewType(element, type.Space));
                case "Cast":
                    return null;
            }
        }

        switch (method.FullName())
        {
            case "Thor.Kernels.Dialect.SharedMemory.GetDynamic":
                if (!_isKernel)
                {
                    Diagnostics.Add(Rules.AllocationPlace, invocation.Syntax, "SharedMemory.GetDynamic", "in a helper");
                }

                if (_kernel.Types.Element(Resolve(method.TypeArguments[0]), invocation.Syntax) is not KernelType element)
                {
                    return null;
                }

                _kernel.Tree.UsesDynamicShared = true;
                _kernel.CountVector(element);
                return new DynamicShared(new ViewType(element, MemorySpace.Shared));
            case SharedAllocate:
                Diagnostics.Add(Rules.AllocationPlace, invocation.Syntax, "SharedMemory.Allocate", "inside an expression");
                return null;
            case LocalAllocate:
                Diagnostics.Add(Rules.AllocationPlace, invocation.Syntax, "LocalMemory.Allocate", "inside an expression");
                return null;
        }

        if (method.ReturnType.IsView() && method.DeclaringSyntaxReferences.Length > 0)
        {
            Diagnostics.Add(Rules.HelperSignature, invocation.Syntax, method.ShortName(), "returns a view");
        }
        else
        {
            Refuse(invocation);
        }

        return null;
    }

    private Expression? ViewChoice(IConditionalOperation choice)
    {
        Expression condition = Value(choice.Condition);
        _conditional++;
        Expression? whenTrue = View(choice.WhenTrue);
        Expression? whenFalse = View(choice.WhenFalse!); // an expression has both
        _conditional--;
        if (whenTrue?.Type is not ViewType a || whenFalse?.Type is not ViewType b)
        {
            return null;
        }

        // What one side only reads, the choice only reads.
        bool mayJoin = a.Space == b.Space || (a.Space <= MemorySpace.ReadOnly && b.Space <= MemorySpace.ReadOnly);
        if (!mayJoin)
        {
            Diagnostics.Add(Rules.MixedMemory, choice.Syntax, choice.Syntax.ToString(), Describe(a.Space), Describe(b.Space));
            return null;
        }

        MemorySpace space = a.Space == b.Space ? a.Space : MemorySpace.ReadOnly;
        return new Conditional(condition, whenTrue, whenFalse, new ViewType(a.Element, space));
    }

    private static string Describe(MemorySpace space) => space switch
    {
        MemorySpace.Shared => "shared memory",
        MemorySpace.Private => "memory of the thread",
        _ => "device memory",
    };

    private Expression ViewProperty(IPropertyReferenceOperation reference)
    {
        if (reference.Instance is null || View(reference.Instance) is not { Type: ViewType type } view)
        {
            if (reference.Instance is null)
            {
                Refuse(reference);
            }

            return Nothing();
        }

        if (reference.Property.IsIndexer)
        {
            Expression index = Value(reference.Arguments[0].Value);
            return new Element(view, index, type.Element);
        }

        switch (reference.Property.Name)
        {
            case "Length":
                return Length(view, reference.Syntax);
            case "IntLength":
                return new Conversion(Length(view, reference.Syntax), KernelType.Int);
            case "LengthInBytes":
                return new Binary(BinaryOperator.Multiply, Length(view, reference.Syntax), new Literal(KernelType.Long, (long)type.Element.Size), KernelType.Long);
            default:
                Refuse(reference);
                return Nothing();
        }
    }

    /// <summary>Number of elements of a view, and a note that its variable's length is needed.</summary>
    private Expression Length(Expression view, SyntaxNode node)
    {
        switch (view)
        {
            case ViewValue { Variable: Variable variable }:
                if (variable.Role == VariableRole.Local)
                {
                    variable.Length ??= Length(_initial[variable], node);
                    if (!_initial.ContainsKey(variable))
                    {
                        return variable.Length; // an array: its length is a constant
                    }
                }

                variable.IsLengthUsed = true;
                return new LengthValue(variable);
            case ViewOffset { Length: Expression length }:
                return length;
            case ViewOffset offset:
                return new Binary(BinaryOperator.Subtract, Length(offset.View, node), offset.Index, KernelType.Long);
            case ViewCast cast:
                int from = ((ViewType)cast.View.Type).Element.Size;
                int to = ((ViewType)cast.Type).Element.Size;
                Expression bytes = new Binary(BinaryOperator.Multiply, Length(cast.View, node), new Literal(KernelType.Long, (long)from), KernelType.Long);
                return new Binary(BinaryOperator.Divide, bytes, new Literal(KernelType.Long, (long)to), KernelType.Long);
            case Conditional choice:
                return new Conditional(choice.Condition, Length(choice.WhenTrue, node), Length(choice.WhenFalse, node), KernelType.Long);
            default:
                Diagnostics.Add(Rules.Unsupported, node, node.ToString(), "length of dynamic shared memory, which only the launch knows");
                return Nothing(KernelType.Long);
        }
    }
}
