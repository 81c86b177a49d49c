using System.IO.Enumeration;
using Thor.Autograd.Layers;
using Thor.Engine;
using Thor.Engine.Memory;

namespace Thor.Autograd.SecondOrder;

/// <summary>
/// What Shampoo and SOAP share: every parameter with two axes or more is a matrix, whose gradients' Gram matrices L = G G^T and R = G^T G are gathered at
/// every step; when a refresh is due something is made of them, which then transforms gradients. They look at gradients alone, so any layer will do.
/// </summary>
public abstract class GramPreconditioner : Preconditioner
{
    private readonly Tensor _counters;
    private readonly Dictionary<Parameter, GramMatrix> _byParameter = [];
    private long _stepCount;

    private protected GramPreconditioner(Module model, GramOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TileSize, 1, nameof(options));
        if (!(options.StatisticsDecay is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.StatisticsDecay, "StatisticsDecay must be in [0, 1].");
        }

        Options = options;
        List<GramMatrix> matrices = [];
        List<KeyValuePair<string, Parameter>> others = [];
        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            if (parameter.Shape.Rank < 2 || parameter.Value.Length == 0
                || options.Excluded.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)))
            {
                others.Add(KeyValuePair.Create(name, parameter));
                continue;
            }

            GramMatrix matrix = new(name, parameter, options.TileSize);
            matrices.Add(matrix);
            _byParameter.Add(parameter, matrix);
        }

        Matrices = matrices;
        Others = others;
        _counters = Tensor.Zeros([1 + matrices.Count], DType.Int32).Persist();
    }

    /// <summary>The settings.</summary>
    public GramOptions Options { get; }

    /// <inheritdoc/>
    public sealed override long StepCount => _stepCount;

    /// <summary>The parameters that are matrices.</summary>
    private protected IReadOnlyList<GramMatrix> Matrices { get; }

    /// <summary>The parameters that are not.</summary>
    private protected IReadOnlyList<KeyValuePair<string, Parameter>> Others { get; }

    /// <inheritdoc/>
    public sealed override void Transform(double learningRate, Func<Variable>? loss = null)
    {
        using TensorScope scope = TensorScope.Begin();
        List<GramMatrix> observed = [];
        foreach (GramMatrix matrix in Matrices)
        {
            matrix.HasDirection = matrix.Parameter.Gradient is not null;
            if (matrix.HasDirection)
            {
                observed.Add(matrix);
            }
        }

        Advance(observed, Options.Refresh.IsDue(_stepCount));
        _stepCount++;
    }

    /// <inheritdoc/>
    public override Tensor? Direction(Parameter parameter) =>
        _byParameter.TryGetValue(parameter, out GramMatrix? matrix) && matrix.HasDirection ? matrix.Shaped.Clone() : null;

    /// <summary>
    /// Its own tensors: "counters" (the step, then the gradients seen of each matrix), and for each matrix the packed tiles of its Gram matrices, "NAME.L"
    /// and "NAME.R", and of what was made of them.
    /// </summary>
    public sealed override StateDict StateDict()
    {
        Span<int> counters = _counters.AsSpan<int>();
        counters[0] = checked((int)_stepCount);
        for (int i = 0; i < Matrices.Count; i++)
        {
            counters[1 + i] = Matrices[i].Count;
        }

        StateDict state = new();
        state.Add("counters", _counters);
        foreach (KroneckerFactor factor in Matrices.SelectMany(static matrix => new[] { matrix.Left, matrix.Right }))
        {
            state.Add(factor.Name, factor.Tiles);
            state.Add($"{factor.Name}.{ResultName}", factor.Inverse);
        }

        AddState(state);
        return state;
    }

    /// <inheritdoc/>
    public sealed override void Load(StateDict state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.CopyTo(StateDict(), GetType().Name, strict: true);
        ReadOnlySpan<int> counters = _counters.AsSpan<int>();
        _stepCount = counters[0];
        for (int i = 0; i < Matrices.Count; i++)
        {
            Matrices[i].Count = counters[1 + i];
        }

        Restore();
    }

    /// <summary>What the state calls that which is made of a Gram matrix.</summary>
    private protected abstract string ResultName { get; }

    /// <summary>Takes gradients in and writes directions.</summary>
    /// <param name="matrices">Those that have a gradient.</param>
    /// <param name="isDue">Whether what is made of Gram matrices is to be made afresh.</param>
    private protected abstract void Advance(IReadOnlyList<GramMatrix> matrices, bool isDue);

    /// <summary>Adds state beyond the Gram matrices.</summary>
    private protected virtual void AddState(StateDict state)
    {
        // Roots are all that Shampoo has.
    }

    /// <summary>Takes counters over from tensors that <see cref="AddState"/> added and that have been loaded.</summary>
    private protected virtual void Restore()
    {
        // As above.
    }

    /// <inheritdoc/>
    private protected override void Apply(Parameter parameter, ref Tensor gradient, ref double scale, ref Tensor? deviceScale)
    {
        if (_byParameter.TryGetValue(parameter, out GramMatrix? matrix) && matrix.HasDirection)
        {
            gradient = matrix.Shaped;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (GramMatrix matrix in Matrices)
        {
            matrix.Dispose();
        }

        _counters.Dispose();
    }
}
