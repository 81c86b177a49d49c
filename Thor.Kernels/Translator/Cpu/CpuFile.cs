namespace Thor.Kernels.Translator.Cpu;

/// <summary>A generated file: the iterator forms that stand in the context of one source file.</summary>
/// <param name="HintName">Its name.</param>
/// <param name="Text">C#.</param>
internal sealed record CpuFile(string HintName, string Text);
