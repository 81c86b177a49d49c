using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Thor.Kernels.Translator.Cpu;

/// <content>Expressions: what their values depend on.</content>
internal sealed partial class MethodFlow
{
    private string? Value(IOperation operation)
    {
        if (operation.ConstantValue.HasValue)
        {
            return null;
        }

        switch (operation)
        {
            case ILocalReferenceOperation local:
                return Known(local.Local);
            case IParameterReferenceOperation parameter:
                return Known(parameter.Parameter);
            case IFieldReferenceOperation field:
                return field.Instance is null ? null : Value(field.Instance);
            case IPropertyReferenceOperation property:
                return Property(property);
            case IInvocationOperation call:
                return Call(call);
            case IObjectCreationOperation creation:
                return Any(creation.Arguments) ?? (creation.Initializer is null ? null : Value(creation.Initializer));
            case ISimpleAssignmentOperation assignment:
                string? value = Value(assignment.Value);
                Assign(assignment.Target, value);
                return value;
            case ICompoundAssignmentOperation assignment:
                string? sum = Value(assignment.Target) ?? Value(assignment.Value);
                Assign(assignment.Target, sum);
                return sum;
            case IIncrementOrDecrementOperation step:
                string? stepped = Value(step.Target);
                Assign(step.Target, stepped);
                return stepped;
            default:
                return Any(operation.ChildOperations);
        }
    }

    private string? Known(ISymbol variable) => _state.Varying.TryGetValue(variable, out string? source) ? source : null;

    // All are looked at, for what they do, although the first that varies decides.
    private string? Any(System.Collections.Generic.IEnumerable<IOperation> operations)
    {
        string? result = null;
        foreach (IOperation operation in operations)
        {
            string? source = Value(operation);
            result ??= source;
        }

        return result;
    }

    private string? Property(IPropertyReferenceOperation property)
    {
        string? arguments = Any(property.Arguments);
        string? instance = property.Instance is null ? null : Value(property.Instance);
        if (property.Property.IsIndexer)
        {
            return "memory (" + Text(property.Syntax) + ")";
        }

        bool varies = property.Property.Name switch
        {
            "IdxX" or "IdxY" or "IdxZ" or "LinearIndex" or "IsFirstThread" => BarrierCalls.IsDialect(property.Property, "Group"),
            "GlobalIndex" => BarrierCalls.IsDialect(property.Property, "Grid"),
            _ => BarrierCalls.IsDialect(property.Property, "Warp"),
        };
        return varies ? property.Property.ContainingType.Name + "." + property.Property.Name : instance ?? arguments;
    }

    private string? Call(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        string? instance = call.Instance is null ? null : Value(call.Instance);
        string?[] arguments = new string?[method.Parameters.Length];
        foreach (IArgumentOperation argument in call.Arguments.Where(static argument => argument.Parameter is not null))
        {
            arguments[argument.Parameter!.Ordinal] = argument.Parameter.RefKind == RefKind.Out ? null : Value(argument.Value);
        }

        if (BarrierCalls.IsUniform(method))
        {
            return null;
        }

        if (BarrierCalls.IsBarrier(method))
        {
            Meet(call, "Group.Barrier");
            return null;
        }

        bool isWarp = BarrierCalls.IsDialect(method, "Warp");
        if (isWarp || BarrierCalls.IsDialect(method, "Atomic"))
        {
            if (isWarp)
            {
                Meet(call, "Warp." + method.Name);
            }

            return method.ContainingType.Name + "." + method.Name;
        }

        MethodSummary summary = IsInstruction(method)
            ? new MethodSummary(method.Name, method.Parameters.Select(_ => (string?)method.Name).ToImmutableArray())
            : _checks.Summarize(method, arguments.ToImmutableArray());
        if (_checks.Barriers.MeetIn(method))
        {
            Meet(call, method.Name);
        }

        foreach (IArgumentOperation argument in call.Arguments.Where(static argument => argument.Parameter is { RefKind: RefKind.Ref or RefKind.Out }))
        {
            Assign(argument.Value, summary.Parameters[argument.Parameter!.Ordinal]);
        }

        return summary.Result ?? instance;
    }

    // Instructions of a device may depend on the lane.
    private static bool IsInstruction(IMethodSymbol method) =>
        method.GetAttributes().Any(static attribute => attribute.AttributeClass?.ToDisplayString() == "Thor.Kernels.PtxAttribute");
}
