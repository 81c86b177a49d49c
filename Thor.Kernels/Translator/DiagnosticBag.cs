using System.Collections.Generic;
using Microsoft.CodeAnalysis;

namespace Thor.Kernels.Translator;

/// <summary>Collects the faults of one kernel. A fault reached by several roads is kept once.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<DiagnosticInfo> _items = new();

    public IReadOnlyList<DiagnosticInfo> Items => _items;

    public bool IsEmpty => _items.Count == 0;

    public void Add(DiagnosticDescriptor rule, SyntaxNode node, params string[] arguments) => Add(rule, node.GetLocation(), arguments);

    public void Add(DiagnosticDescriptor rule, Location? location, params string[] arguments)
    {
        DiagnosticInfo info = DiagnosticInfo.Create(rule, location, arguments);
        if (!_items.Contains(info))
        {
            _items.Add(info);
        }
    }
}
