namespace Thor.Autograd.Layers;

/// <summary>A module with one input and one output.</summary>
public abstract class Layer : Module
{
    [ThreadStatic]
    private static Action<Layer, Variable, Variable>? t_observer;

    /// <summary>Applies the layer. Shapes are those of <see cref="Run"/>.</summary>
    public Variable Forward(Variable input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Variable output = Run(input);
        t_observer?.Invoke(this, input, output);
        return output;
    }

    /// <summary>Sees input and output of every layer on this thread while a delegate runs: how a step is traced, and the first non-finite layer found.</summary>
    internal static void WithObserver(Action<Layer, Variable, Variable> observer, Action action)
    {
        Action<Layer, Variable, Variable>? outer = t_observer;
        t_observer = observer;
        try
        {
            action();
        }
        finally
        {
            t_observer = outer;
        }
    }

    /// <summary>A size that must be at least 1.</summary>
    private protected static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }

    /// <summary>What the layer computes.</summary>
    protected abstract Variable Run(Variable input);
}
