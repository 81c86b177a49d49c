using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Thor.Engine;

namespace Thor.Autograd;

/// <summary>Names and tensors in a fixed order: what a model or an optimizer saves and loads. Keys are dotted names as torch writes them.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "The field's own word.")]
public sealed class StateDict : IReadOnlyDictionary<string, Tensor>
{
    private readonly OrderedDictionary<string, Tensor> _entries = new(StringComparer.Ordinal);

    /// <summary>An empty state.</summary>
    public StateDict()
    {
    }

    /// <summary>A state with these entries, in their order.</summary>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public StateDict(IEnumerable<KeyValuePair<string, Tensor>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach ((string name, Tensor tensor) in entries)
        {
            Add(name, tensor);
        }
    }

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>Names in order.</summary>
    public IEnumerable<string> Keys => _entries.Keys;

    /// <summary>Tensors in order.</summary>
    public IEnumerable<Tensor> Values => _entries.Values;

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public Tensor this[string key] =>
        _entries.TryGetValue(key, out Tensor? tensor) ? tensor : throw new KeyNotFoundException($"The state has no entry '{key}'.");

    /// <summary>Adds an entry at the end.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!_entries.TryAdd(name, tensor))
        {
            throw new ArgumentException($"The state has an entry '{name}' already.", nameof(name));
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _entries.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _entries.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Copies of all tensors, which outlive every scope.</summary>
    public StateDict Clone() =>
        new(_entries.Select(static e => KeyValuePair.Create(e.Key, e.Value.Clone().Persist())));

    /// <summary>Overwrites the tensors of another state with those of this one, once it is known that all of them fit.</summary>
    /// <param name="target">Whose tensors are overwritten.</param>
    /// <param name="owner">What the target belongs to, for the message.</param>
    /// <param name="strict">Whether a name that only one side has is an error.</param>
    /// <exception cref="ArgumentException">The states do not fit; nothing was changed.</exception>
    internal void CopyTo(StateDict target, string owner, bool strict)
    {
        List<string> problems = [];
        if (strict)
        {
            Report(problems, "missing", target.Keys.Where(name => !ContainsKey(name)));
            Report(problems, "unexpected", Keys.Where(name => !target.ContainsKey(name)));
        }

        Report(problems, "of another shape", this
            .Where(e => target.TryGetValue(e.Key, out Tensor? own) && own.Shape != e.Value.Shape)
            .Select(e => $"{e.Key} (expected {target[e.Key].Shape}, got {e.Value.Shape})"));
        if (problems.Count > 0)
        {
            throw new ArgumentException($"The state does not fit {owner}: {string.Join("; ", problems)}. Nothing was loaded.");
        }

        foreach ((string name, Tensor own) in target._entries)
        {
            if (TryGetValue(name, out Tensor? value))
            {
                own.CopyFrom(value);
            }
        }
    }

    private static void Report(List<string> problems, string kind, IEnumerable<string> names)
    {
        string list = string.Join(", ", names);
        if (list.Length > 0)
        {
            problems.Add($"{kind}: {list}");
        }
    }
}
