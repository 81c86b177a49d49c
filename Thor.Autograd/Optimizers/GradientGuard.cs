using Thor.Autograd.Training;
using Thor.Engine;

namespace Thor.Autograd.Optimizers;

/// <summary>
/// Looks for gradients that are NaN or infinite, so that their step can be left out. On devices with a queue what it sees stays there and is counted
/// ten steps at a time, when losses are read too.
/// </summary>
internal sealed class GradientGuard : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly LossBuffer _norms = new();
    private readonly Tensor _state = Tensor.Zeros([2], DType.Int32).Persist();
    private long _inARow;
    private long _skipped;

    /// <summary>Watches the gradients of parameters of one device and element type.</summary>
    public GradientGuard(IReadOnlyList<ParameterGroup> groups)
    {
        _groups = groups;
    }

    /// <summary>Steps left out so far. Waits for the device.</summary>
    public long Skipped
    {
        get
        {
            Count();
            return _skipped;
        }
    }

    /// <summary>Steps left out in a row up to now, and in all. Waits for the device.</summary>
    public Tensor State
    {
        get
        {
            Count();
            (_state.AsSpan<int>()[0], _state.AsSpan<int>()[1]) = (checked((int)_inARow), checked((int)_skipped));
            return _state;
        }
    }

    /// <summary>Goes on from <see cref="State"/> as it was overwritten.</summary>
    public void Restore() => (_inARow, _skipped) = (_state.AsSpan<int>()[0], _state.AsSpan<int>()[1]);

    /// <summary>Looks at the gradients of a step.</summary>
    /// <param name="step">The step, for the message.</param>
    /// <param name="maximum">Steps in a row that may be left out.</param>
    /// <returns>One element, 1 or NaN; null where there are no gradients.</returns>
    /// <exception cref="NonFiniteGradientException">More steps in a row were left out.</exception>
    public Tensor? Look(long step, int maximum)
    {
        List<Tensor> gradients = [.. Parameters().Where(static p => p.Parameter.Gradient is not null).Select(static p => p.Parameter.Gradient!)];
        if (gradients.Count == 0)
        {
            return null;
        }

        Tensor norm = TensorNorm.Of(gradients).Reshape(1);
        _norms.Add(norm);
        if (_norms.IsFull)
        {
            Count();
        }

        if (_inARow > maximum)
        {
            throw new NonFiniteGradientException(
                $"Step {step + 1}: gradients were NaN, infinite or beyond the range of their squares in {_inARow} steps in a row, and at most {maximum} are left out; {Where()}.");
        }

        return (norm * 0) + 1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _norms.Dispose();
        _state.Dispose();
    }

    private void Count()
    {
        foreach (double norm in _norms.Read())
        {
            bool skips = !double.IsFinite(norm);
            _inARow = skips ? _inARow + 1 : 0;
            _skipped += skips ? 1 : 0;
        }
    }

    private string Where()
    {
        foreach ((string name, Parameter parameter) in Parameters())
        {
            if (parameter.Gradient is Tensor gradient && !double.IsFinite(TensorNorm.Of(gradient).Item()))
            {
                return $"the first of them now is that of '{name}'";
            }
        }

        return "those of this step are finite again";
    }

    private IEnumerable<(string Name, Parameter Parameter)> Parameters() =>
        _groups.SelectMany(static group => group.Parameters).Select(static entry => (entry.Key, entry.Value));
}
