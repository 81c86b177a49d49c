namespace Thor.Bench.Ablate;

/// <summary>One optimizer option and the values that it is tried with.</summary>
internal sealed record AblationAxis(string Option, IReadOnlyList<string> Values);
