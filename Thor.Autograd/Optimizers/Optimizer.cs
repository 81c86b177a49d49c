namespace Thor.Autograd.Optimizers;

/// <summary>
/// Changes parameters along their gradients, one <see cref="Step()"/> after each backward pass. Its state is complete: an optimizer that
/// loads the state of another of the same settings continues bit for bit as that one would have.
/// </summary>
public abstract class Optimizer : IDisposable
{
    /// <summary>An optimizer of these parameters.</summary>
    /// <exception cref="ArgumentException">There are no parameters, or a parameter or a name occurs twice.</exception>
    private protected Optimizer(IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        HashSet<Parameter> parameters = [];
        HashSet<string> names = [];
        foreach ((string name, Parameter parameter) in groups.SelectMany(static group => group.Parameters))
        {
            if (!parameters.Add(parameter) || !names.Add(name))
            {
                throw new ArgumentException($"{GetType().Name}: parameter '{name}' occurs twice.", nameof(groups));
            }
        }

        if (parameters.Count == 0)
        {
            throw new ArgumentException($"{GetType().Name}: there are no parameters to optimize.", nameof(groups));
        }

        Groups = groups;
    }

    /// <summary>What is optimized.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The learning rate of every step. A setting, not state: a resumed optimizer is given the same schedule.</summary>
    public abstract Schedule Schedule { get; set; }

    /// <summary>Number of steps taken; the position in the schedule.</summary>
    public abstract long StepCount { get; }

    /// <summary>The learning rate of the next step. Setting it replaces the schedule by a constant.</summary>
    public double LearningRate
    {
        get => Schedule.At(StepCount);
        set => Schedule = Schedule.Constant(value);
    }

    /// <summary>Drops all gradients.</summary>
    public virtual void ZeroGrad()
    {
        foreach (ParameterGroup group in Groups)
        {
            foreach ((_, Parameter parameter) in group.Parameters)
            {
                parameter.ZeroGrad();
            }
        }
    }

    /// <summary>
    /// Shows the loss before its backward pass to optimizers that learn from what the model predicts, not from gradients alone; others need not be
    /// asked. Changes no gradient.
    /// </summary>
    /// <param name="loss">The scalar that <see cref="Variable.Backward(double)"/> is about to be called on, its graph alive.</param>
    /// <exception cref="ArgumentException">The optimizer cannot tell what the model predicts from this loss.</exception>
    public virtual void ObserveLoss(Variable loss)
    {
        // Gradients are all that first-order rules look at.
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <exception cref="InvalidOperationException">The optimizer needs more than gradients: it is to be given the loss.</exception>
    public abstract void Step();

    /// <summary>The same for optimizers that differentiate the loss again or ask for its value elsewhere; others do not call it.</summary>
    /// <param name="loss">Computes the scalar loss of the batch at hand from the parameters as they are when it is called, with recording on.</param>
    public virtual void Step(Func<Variable> loss) => Step();

    /// <summary>The optimizer's own tensors, not copies, and its counters as they are now.</summary>
    public abstract StateDict StateDict();

    /// <summary>Overwrites the state.</summary>
    /// <exception cref="ArgumentException">The state is that of another optimizer or other parameters; nothing was changed.</exception>
    public abstract void Load(StateDict state);

    /// <summary>Gives the memory of the state back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory of the state back.</summary>
    protected abstract void Dispose(bool disposing);
}
