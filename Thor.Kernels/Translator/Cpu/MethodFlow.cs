using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>
/// Follows one method from start to end, with the state at the current point. An expression gives what its value depends on, or null
/// where all threads of a group compute the same.
/// </summary>
internal sealed partial class MethodFlow
{
    private readonly BarrierChecks _checks;
    private readonly IMethodSymbol _method;

    // Conditions around the current point that threads may see differently, outermost first.
    private readonly Stack<Divergence> _conditions = new();

    // The states in which each place is jumped to.
    private readonly Dictionary<object, FlowState> _arrivals = new();

    private FlowState _state = FlowState.Start;
    private string? _result;

    /// <summary>A method that is called with arguments of which some vary.</summary>
    public MethodFlow(BarrierChecks checks, IMethodSymbol method, ImmutableArray<string?> arguments)
    {
        _checks = checks;
        _method = method;
        for (int i = 0; i < method.Parameters.Length && i < arguments.Length; i++)
        {
            _state = _state.With(method.Parameters[i], arguments[i]);
        }
    }

    /// <summary>Why not all threads may be at the current point.</summary>
    private Divergence? Control => _conditions.Count > 0 ? _conditions.Peek()
        : _state.Left.Length > 0 ? _state.Left[0].Why
        : null;

    /// <summary>Follows the body.</summary>
    public MethodSummary Run(IOperation? body)
    {
        if (body is not null)
        {
            Statements(body.ChildOperations);
        }

        FlowState end = FlowState.Join(_state, Arrival(FlowState.Return));
        ImmutableArray<string?> parameters = _method.Parameters
            .Select(parameter => end.Varying.TryGetValue(parameter, out string? source) ? source : null).ToImmutableArray();
        return new MethodSummary(_result, parameters);
    }

    private static Divergence Describe(IOperation condition, string source) => new(
        Text(condition.Syntax), condition.Syntax.GetLocation().GetLineSpan().StartLinePosition.Line + 1, source);

    private static string Text(SyntaxNode node) => string.Join(" ", node.ToString().Split('\r', '\n').Select(static line => line.Trim()));

    private FlowState? Arrival(object place) => _arrivals.TryGetValue(place, out FlowState? state) ? state : null;

    private void Jump(object place)
    {
        if (Control is { } why)
        {
            _state = _state.WithLeft(place, why);
        }

        if (_state.Reachable)
        {
            _arrivals[place] = FlowState.Join(_state, Arrival(place));
            _state = _state with { Reachable = false };
        }
    }

    /// <summary>Goes on where those that jumped to a place arrive.</summary>
    private void Land(object place) => _state = FlowState.Join(_state, Arrival(place)).At(place);

    private void Assign(IOperation target, string? source)
    {
        source ??= Control?.Source;
        switch (target)
        {
            case ILocalReferenceOperation local:
                _state = _state.With(local.Local, source);
                break;
            case IParameterReferenceOperation parameter:
                _state = _state.With(parameter.Parameter, source);
                break;
            case IFieldReferenceOperation { Instance: { } instance }:
                // The other fields keep what they had.
                Assign(instance, source ?? Value(instance));
                break;
            case IDeclarationExpressionOperation declaration:
                Assign(declaration.Expression, source);
                break;
            case ITupleOperation tuple:
                foreach (IOperation element in tuple.Elements)
                {
                    Assign(element, source);
                }

                break;
            default:
                // Elements of views always count as varying.
                Value(target);
                break;
        }
    }

    /// <summary>All threads must be at the current point.</summary>
    private void Meet(IOperation call, string name)
    {
        if (_state.Reachable && Control is { } why)
        {
            _checks.Faults.Add(
                Rules.DivergentBarrier,
                call.Syntax,
                name,
                why.Condition,
                why.Line.ToString(System.Globalization.CultureInfo.InvariantCulture),
                why.Source);
        }
    }
}
