using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>What is known at a point of a method.</summary>
/// <param name="Reachable">False behind a jump.</param>
/// <param name="Varying">Variables whose values may differ between threads of a group, and what they depend on. Absent ones are uniform.</param>
/// <param name="Left">
/// Jumps that some threads may have taken while others go on, in the order in which they were found: the place that they jumped to
/// (a label, or <see cref="Return"/>), and why.
/// </param>
internal sealed record FlowState(
    bool Reachable, ImmutableDictionary<ISymbol, string> Varying, ImmutableArray<(object Place, Divergence Why)> Left)
{
    /// <summary>The end of the method, as a place to jump to.</summary>
    public static readonly object Return = new();

    /// <summary>The beginning of a method whose parameters are uniform.</summary>
    public static readonly FlowState Start = new(
        true, ImmutableDictionary.Create<ISymbol, string>(SymbolEqualityComparer.Default), ImmutableArray<(object, Divergence)>.Empty);

    /// <summary>What holds where two ways meet.</summary>
    public static FlowState Join(FlowState a, FlowState? b)
    {
        if (b is null)
        {
            return a;
        }

        ImmutableArray<(object Place, Divergence Why)> left = a.Left.AddRange(b.Left.Where(jump => !a.HasLeft(jump.Place)));
        if (!b.Reachable || !a.Reachable)
        {
            return (a.Reachable ? a : b) with { Left = left };
        }

        IEnumerable<KeyValuePair<ISymbol, string>> added = b.Varying.Where(variable => !a.Varying.ContainsKey(variable.Key));
        return new FlowState(true, a.Varying.AddRange(added), left);
    }

    /// <summary>The state with a variable known to vary, for the reason given, or to be uniform where there is none.</summary>
    public FlowState With(ISymbol variable, string? source) => this with
    {
        Varying = source is null ? Varying.Remove(variable) : Varying.SetItem(variable, source),
    };

    /// <summary>The state with threads known to have jumped to a place.</summary>
    public FlowState WithLeft(object place, Divergence why) => HasLeft(place) ? this : this with { Left = Left.Add((place, why)) };

    /// <summary>The state where those that jumped to a place are back.</summary>
    public FlowState At(object place) => this with { Left = Left.RemoveAll(jump => jump.Place == place) };

    /// <summary>Whether a pass over a loop that began with the other state learned nothing new.</summary>
    public bool Says(FlowState other) =>
        Reachable == other.Reachable && Varying.Count == other.Varying.Count && Left.Length == other.Left.Length;

    private bool HasLeft(object place) => Left.Any(jump => jump.Place == place);
}
