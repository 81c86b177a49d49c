namespace Thor.Kernels.Accelerators.Cuda;

/// <summary>Where a library may be.</summary>
/// <param name="Names">File names, best first.</param>
/// <param name="Folders">Folders to look in, for each name, after the loader's path.</param>
/// <param name="Companions">Patterns of libraries of the same folder that it opens itself.</param>
internal sealed record LibraryCandidates(IReadOnlyList<string> Names, IReadOnlyList<string> Folders, IReadOnlyList<string> Companions);
