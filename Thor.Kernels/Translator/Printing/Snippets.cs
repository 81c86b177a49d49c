using System;
using System.Collections.Generic;
using System.Linq;

namespace Thor.Kernels.Translator.Printing;

/// <summary>A few lines of C that stand in front of kernels that use them.</summary>
internal sealed record Snippet(string Name, string Text, params string[] Needs);

/// <summary>The snippets of a dialect; a kernel gets those that it uses, each after what it needs.</summary>
internal sealed class Snippets
{
    private readonly Dictionary<string, Snippet> _all;
    private readonly List<Snippet> _used = new();

    public Snippets(IEnumerable<Snippet> all)
    {
        _all = all.ToDictionary(snippet => snippet.Name);
    }

    public IReadOnlyList<Snippet> Used => _used;

    /// <summary>Asks for a snippet and gives its name back.</summary>
    public string Use(string name)
    {
        if (!_all.TryGetValue(name, out Snippet snippet))
        {
            throw new InvalidOperationException($"There is no snippet '{name}'.");
        }

        if (!_used.Contains(snippet))
        {
            foreach (string needed in snippet.Needs)
            {
                Use(needed);
            }

            _used.Add(snippet);
        }

        return name;
    }
}
