using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Thor.Kernels.Translator.Tree;

namespace Thor.Kernels.Translator.Lowering;

/// <summary>Lowers the body of one method, for arguments in given memory.</summary>
internal sealed partial class FunctionLowering
{
    private readonly KernelLowering _kernel;
    private readonly Function _function;
    private readonly IMethodSymbol _method;
    private readonly bool _isKernel;
    private readonly Dictionary<ISymbol, Variable> _variables = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<Variable, Expression> _initial = new();
    private readonly HashSet<ISymbol> _written = new(SymbolEqualityComparer.Default);
    private readonly HashSet<Variable> _unrolled = new();
    private Variable? _self;
    private List<Statement> _output = new();

    // Inside an expression that may not be reached: nothing may be computed in front of the statement.
    private int _conditional;

    // The condition of the loop at hand promises that iterations are independent.
    private bool _independent;
    private int _depth;
    private int _temporaries;

    public FunctionLowering(KernelLowering kernel, Function function, IMethodSymbol method, bool isKernel)
    {
        _kernel = kernel;
        _function = function;
        _method = method;
        _isKernel = isKernel;
    }

    private DiagnosticBag Diagnostics => _kernel.Diagnostics;

    public void AddParameter(IParameterSymbol symbol, Variable variable)
    {
        _function.Parameters.Add(variable);
        _variables[symbol] = variable;
        _variables[symbol.OriginalDefinition] = variable;
        _kernel.CountVector(variable.Type is ViewType view ? view.Element : variable.Type);
    }

    public void Lower(IBlockOperation body)
    {
        FindWritten(body);
        if (_method.MethodKind == MethodKind.Constructor)
        {
            _self = new Variable("self", _function.ReturnType, VariableRole.Local);
            _output.Add(new Declaration(_self, new DefaultValue(_self.Type)));
        }

        foreach (IOperation statement in body.Operations)
        {
            Statement(statement);
        }

        if (_self is not null)
        {
            _output.Add(new Return(new VariableValue(_self)));
        }

        _function.Body = new Block(_output);
    }

    /// <summary>The constructor that a record struct has by its parameter list; false for anything else.</summary>
    public bool LowerPrimaryConstructor(IMethodSymbol method)
    {
        if (method.MethodKind != MethodKind.Constructor || !method.ContainingType.IsRecord || _function.ReturnType is not StructType type
            || type.Fields.Count != _function.Parameters.Count)
        {
            return false;
        }

        List<Expression> fields = new();
        foreach (Variable parameter in _function.Parameters)
        {
            fields.Add(new VariableValue(parameter));
        }

        _function.Body = new Block(new List<Statement> { new Return(new StructValue(fields, type)) });
        return true;
    }

    // Variables that keep their first value may size arrays and bound loops.
    private void FindWritten(IOperation body)
    {
        foreach (IOperation operation in body.Descendants())
        {
            IOperation? target = operation switch
            {
                IAssignmentOperation assignment => assignment.Target,
                IIncrementOrDecrementOperation step => step.Target,
                IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
                _ => null,
            };
            while (target is IFieldReferenceOperation { Instance: not null } field)
            {
                target = field.Instance;
            }

            if (target is ILocalReferenceOperation local)
            {
                _written.Add(local.Local);
            }
            else if (target is IParameterReferenceOperation parameter)
            {
                _written.Add(parameter.Parameter);
            }
        }
    }

    private Variable Temporary(KernelType type)
    {
        _temporaries++;
        return new Variable("th_value" + _temporaries.ToString(System.Globalization.CultureInfo.InvariantCulture), type, VariableRole.Local) { IsTemporary = true };
    }

    private KernelType? TypeOf(IOperation operation) => operation.Type is null ? null : _kernel.Types.Value(Resolve(operation.Type), operation.Syntax);

    private static Expression Nothing(KernelType? type = null) => new Literal(type ?? KernelType.Int, 0);
}
