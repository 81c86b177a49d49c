using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>
/// Finds barriers and shuffles that not all threads of a group may reach, and those at places where they cannot stand. What differs
/// between threads is followed from where it begins (the index of the thread, memory, atomics, shuffles) through variables,
/// conditions, loops and calls. Calls are followed once for each choice of uniform and varying arguments.
/// </summary>
internal sealed class BarrierChecks
{
    private readonly Compilation _compilation;
    private readonly Dictionary<(IMethodSymbol Method, string Arguments), MethodSummary> _summaries = new();
    private readonly HashSet<IMethodSymbol> _active = new(SymbolEqualityComparer.Default);
    private readonly HashSet<IMethodSymbol> _placesChecked = new(SymbolEqualityComparer.Default);

    private BarrierChecks(Compilation compilation, DiagnosticBag faults, CancellationToken cancellation)
    {
        _compilation = compilation;
        Faults = faults;
        Cancellation = cancellation;
        Barriers = new BarrierCalls(compilation, cancellation);
    }

    public DiagnosticBag Faults { get; }

    public CancellationToken Cancellation { get; }

    public BarrierCalls Barriers { get; }

    /// <summary>Adds the faults of a kernel and of all helpers that it calls.</summary>
    /// <param name="kernel">A kernel that can be translated.</param>
    /// <param name="hasBarriers">Whether the translated kernel has barriers.</param>
    /// <param name="compilation">What it is part of.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static void Check(IMethodSymbol kernel, bool hasBarriers, Compilation compilation, DiagnosticBag faults, CancellationToken cancellation)
    {
        BarrierChecks checks = new(compilation, faults, cancellation);
        if (checks.Barriers.MeetIn(kernel))
        {
            checks.Summarize(kernel, kernel.Parameters.Select(static _ => (string?)null).ToImmutableArray());
        }
        else if (hasBarriers)
        {
            // A member of a type argument: which method that is shows only once the helper is specialised.
            faults.Add(Rules.BarrierPlace, kernel.Locations[0], "A barrier", kernel.Name, "reaches it through a type parameter");
        }
    }

    /// <summary>Follows a call.</summary>
    /// <param name="method">A method, declared here or not.</param>
    /// <param name="arguments">What each argument depends on; null where it is uniform.</param>
    public MethodSummary Summarize(IMethodSymbol method, ImmutableArray<string?> arguments)
    {
        IMethodSymbol declared = BarrierCalls.Declared(method);
        if (declared is { IsStatic: true, IsAbstract: true })
        {
            // A member of a type argument: what it depends on is not known here.
            return new MethodSummary(method.Name, arguments.Select(_ => (string?)method.Name).ToImmutableArray());
        }

        string? any = arguments.FirstOrDefault(static argument => argument is not null);
        if (BarrierCalls.Syntax(declared, Cancellation) is not { } syntax || BarrierCalls.Body(syntax) is null || !_active.Add(declared))
        {
            // No body to follow, or a circle of calls, which is refused elsewhere.
            return new MethodSummary(any, arguments.Select(_ => any).ToImmutableArray());
        }

        (IMethodSymbol, string) key = (declared, string.Concat(arguments.Select(static argument => argument is null ? 'u' : 'v')));
        if (!_summaries.TryGetValue(key, out MethodSummary? summary))
        {
            if (_placesChecked.Add(declared) && Barriers.MeetIn(declared))
            {
                BarrierPlaces.Check(this, declared, syntax, _compilation.ModelOf(syntax.SyntaxTree));
            }

            summary = new MethodFlow(this, declared, arguments).Run(_compilation.ModelOf(syntax.SyntaxTree).GetOperation(syntax, Cancellation));
            _summaries.Add(key, summary);
        }

        _active.Remove(declared);
        return summary;
    }
}
