namespace Thor.Engine.Memory;

/// <summary>
/// Everything created on this thread between <see cref="Begin"/> and <see cref="Dispose"/> goes back to the pool at the
/// end, except what was kept. Scopes nest. A training step inside a scope disposes nothing by hand.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? t_current;

    private readonly List<Tensor?> _tensors = [];
    private readonly TensorScope? _outer;
    private bool _ended;

    private TensorScope(TensorScope? outer)
    {
        _outer = outer;
    }

    /// <summary>Opens a scope on this thread.</summary>
    public static TensorScope Begin() => t_current = new TensorScope(t_current);

    /// <summary>Lets a tensor outlive this scope: it belongs to the scope outside, or to the caller where there is none.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Scope == this)
        {
            Forget(tensor);
            _outer?.Adopt(tensor);
        }

        return tensor;
    }

    /// <summary>Disposes what was created inside and not kept.</summary>
    /// <exception cref="InvalidOperationException">Scopes were ended out of order or on another thread.</exception>
    public void Dispose()
    {
        if (_ended)
        {
            return;
        }

        if (t_current != this)
        {
            throw new InvalidOperationException("A TensorScope must end on the thread it began on, innermost scope first.");
        }

        _ended = true;
        t_current = _outer;
        foreach (Tensor? tensor in _tensors)
        {
            tensor?.EndOfScope();
        }
    }

    /// <summary>Registers a new tensor with the innermost scope of this thread, if there is one.</summary>
    internal static void Register(Tensor tensor) => t_current?.Adopt(tensor);

    /// <summary>Takes a tensor out of its scope; its owner disposes it from now on.</summary>
    internal static void Persist(Tensor tensor) => tensor.Scope?.Forget(tensor);

    /// <summary>Takes a tensor out of this scope's care.</summary>
    internal void Forget(Tensor tensor)
    {
        _tensors[tensor.ScopeSlot] = null;
        tensor.Scope = null;
    }

    private void Adopt(Tensor tensor)
    {
        tensor.Scope = this;
        tensor.ScopeSlot = _tensors.Count;
        _tensors.Add(tensor);
    }
}
