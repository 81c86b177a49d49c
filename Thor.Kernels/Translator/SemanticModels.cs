using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator;

/// <summary>
/// One semantic model per file of a compilation. A model remembers what it has bound, and kernels share helpers: with a model of its
/// own, each would bind them again. The models live as long as their compilation.
/// </summary>
internal static class SemanticModels
{
    private static readonly ConditionalWeakTable<Compilation, ConcurrentDictionary<SyntaxTree, SemanticModel>> s_models = new();

    /// <summary>The model of a file.</summary>
    public static SemanticModel ModelOf(this Compilation compilation, SyntaxTree tree) =>
        s_models.GetOrCreateValue(compilation).GetOrAdd(tree, file => compilation.GetSemanticModel(file));
}
