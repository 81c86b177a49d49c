namespace Thor.Kernels.Translator.Cpu;

/// <summary>Why threads of a group may be at different places.</summary>
/// <param name="Condition">The condition that they may see differently.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Source">What the condition depends on.</param>
internal sealed record Divergence(string Condition, int Line, string Source);
