using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <content>Calls of helpers, and their arguments.</content>
internal sealed partial class FunctionLowering
{
    private Expression CallHelper(IMethodSymbol method, IReadOnlyList<IOperation> arguments, SyntaxNode node)
    {
        List<Expression> values = new();
        List<KernelType?> types = new();
        List<MemorySpace> spaces = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            IParameterSymbol parameter = method.Parameters[i];
            Expression? value;
            if (parameter.Type.IsView())
            {
                value = View(arguments[i]);
                if (parameter.RefKind is RefKind.Ref or RefKind.Out)
                {
                    Diagnostics.Add(Rules.HelperSignature, node, method.ShortName(), $"takes view '{parameter.Name}' by reference");
                    value = null;
                }
            }
            else if (parameter.RefKind is RefKind.Ref or RefKind.Out)
            {
                value = ReferenceTo(arguments[i]);
            }
            else
            {
                value = Value(arguments[i]);
            }

            if (value is null)
            {
                return Nothing();
            }

            values.Add(value);
            types.Add(value.Type);
            spaces.Add(value is Reference reference ? reference.Space : value.Type is ViewType view ? view.Space : MemorySpace.Private);
        }

        RequireOrder(node, values.ToArray());
        Function? function = _kernel.Helper(method, types, spaces, node);
        if (function is null)
        {
            return Nothing();
        }

        List<Expression> passed = new();
        for (int i = 0; i < values.Count; i++)
        {
            passed.Add(values[i]);
            if (function.Parameters[i].IsLengthUsed)
            {
                passed.Add(Length(values[i], node));
            }
        }

        if (function.HasBarriers)
        {
            NoteBarrier(node, function.Description, function.HasShuffles);
        }

        _function.HasEffects |= function.HasEffects;
        return new Call(function, passed);
    }

    private Expression? ReferenceTo(IOperation argument)
    {
        if (argument is IDeclarationExpressionOperation { Expression: ILocalReferenceOperation declared })
        {
            if (_conditional > 0 || _kernel.Types.Value(Resolve(declared.Local.Type), argument.Syntax) is not KernelType type)
            {
                if (_conditional > 0)
                {
                    Diagnostics.Add(Rules.ReferenceArgument, argument.Syntax, argument.Syntax.ToString());
                }

                return null;
            }

            Variable variable = new(declared.Local.Name, type, VariableRole.Local);
            _variables[declared.Local] = variable;
            _output.Add(new Declaration(variable, null));
            return new Reference(new VariableValue(variable), MemorySpace.Private);
        }

        if (argument is IDiscardOperation && TypeOf(argument) is KernelType ignored && _conditional == 0)
        {
            Variable variable = Temporary(ignored);
            _output.Add(new Declaration(variable, null));
            return new Reference(new VariableValue(variable), MemorySpace.Private);
        }

        Expression target = Value(argument);
        Expression root = target;
        while (root is FieldValue field)
        {
            root = field.Target;
        }

        switch (root)
        {
            case VariableValue { Variable: Variable own }:
                return new Reference(target, own.Role == VariableRole.Reference ? own.Space : MemorySpace.Private);
            case Element { View.Type: ViewType { Space: not MemorySpace.ReadOnly } view }:
                NoteWrite((Element)root);
                return new Reference(target, view.Space);
            case Literal:
                return null; // a diagnostic has been given
            default:
                Diagnostics.Add(Rules.ReferenceArgument, argument.Syntax, argument.Syntax.ToString());
                return null;
        }
    }

    private List<Expression> Values(IEnumerable<IArgumentOperation> arguments) => Ordered(arguments).Select(Value).ToList();

    // Named arguments may stand in any order.
    private static List<IOperation> Ordered(IEnumerable<IArgumentOperation> arguments) =>
        arguments.OrderBy(a => a.Parameter?.Ordinal ?? 0).Select(a => a.Value).ToList();

    /// <summary>A type with the type arguments of this method put in.</summary>
    private ITypeSymbol Resolve(ITypeSymbol type)
    {
        if (type is ITypeParameterSymbol parameter)
        {
            for (int i = 0; i < _method.TypeParameters.Length; i++)
            {
                if (_method.TypeParameters[i].Name == parameter.Name)
                {
                    return _method.TypeArguments[i];
                }
            }
        }

        return type;
    }

    // Static members of interfaces are those of the type argument.
    private IMethodSymbol Resolve(IMethodSymbol method, ITypeSymbol? constrainedTo)
    {
        if (constrainedTo is not null && method.IsAbstract && Resolve(constrainedTo).FindImplementationForInterfaceMember(method) is IMethodSymbol implementation)
        {
            return implementation;
        }

        return method.IsGenericMethod && method.TypeArguments.Any(t => t is ITypeParameterSymbol)
            ? method.OriginalDefinition.Construct(method.TypeArguments.Select(Resolve).ToArray())
            : method;
    }
}
