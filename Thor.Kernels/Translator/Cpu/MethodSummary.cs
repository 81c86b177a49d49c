using System.Collections.Immutable;

namespace Thor.Kernels.Translator.Cpu;

/// <summary>What a call of a helper gives for one choice of uniform and varying arguments.</summary>
/// <param name="Result">What the value that it returns depends on; null where that is uniform.</param>
/// <param name="Parameters">The same for each parameter at the end: what the caller finds in <c>ref</c> and <c>out</c> arguments.</param>
internal sealed record MethodSummary(string? Result, ImmutableArray<string?> Parameters);
