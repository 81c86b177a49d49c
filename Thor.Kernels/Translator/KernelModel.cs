using Thor.Kernels.Translator.Cpu;

namespace Thor.Kernels.Translator;

/// <summary>All that a kernel adds to the compilation, as text: equal models make equal output.</summary>
/// <param name="HintName">Name of the generated file.</param>
/// <param name="Source">The generated file; empty where there are diagnostics.</param>
/// <param name="CpuFiles">Further files: what the processor runs of a kernel with barriers.</param>
/// <param name="Launcher">Full name of the generated struct.</param>
/// <param name="Diagnostics">Faults of the kernel.</param>
internal sealed record KernelModel(string HintName, string Source, EquatableArray<CpuFile> CpuFiles, string Launcher, EquatableArray<DiagnosticInfo> Diagnostics);
