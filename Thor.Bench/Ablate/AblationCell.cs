namespace Thor.Bench.Ablate;

/// <summary>One run of an ablation: what it changes of the base.</summary>
/// <param name="Name">"base", or its changes as option=value.</param>
/// <param name="Changes">Option values in the place of the base's.</param>
internal sealed record AblationCell(string Name, IReadOnlyDictionary<string, string> Changes);
