namespace Thor.Autograd.Layers;

/// <summary>A module with one input and one output.</summary>
public abstract class Layer : Module
{
    [ThreadStatic]
    private static Action<Layer, Variable>? t_outputObserver;

    /// <summary>Applies the layer. Shapes are those of <see cref="Run"/>.</summary>
    public Variable Forward(Variable input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Variable output = Run(input);
        t_outputObserver?.Invoke(this, output);
        return output;
    }

    /// <summary>Sees the output of every layer on this thread while a delegate runs; how the first non-finite layer is found.</summary>
    internal static void WithOutputObserver(Action<Layer, Variable> observer, Action action)
    {
        Action<Layer, Variable>? outer = t_outputObserver;
        t_outputObserver = observer;
        try
        {
            action();
        }
        finally
        {
            t_outputObserver = outer;
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
