using System.Runtime.InteropServices;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>One step's preconditioning, collected over all layers so that a device does it in one launch.</summary>
internal sealed class PreconditioningPass
{
    private readonly List<TileProduct> _projections = [];
    private readonly List<Action> _between = [];
    private readonly List<TileProduct> _returns = [];
    private readonly List<TileProduct> _products = [];
    private readonly List<(Tensor Direction, Tensor Gradient)> _others = [];
    private readonly List<Action> _after = [];
    private readonly Dictionary<Parameter, Tensor> _directions = [];
    private readonly Dictionary<Parameter, List<TileProduct>> _left = [];

    /// <summary>What takes the place of each parameter's gradient. Valid until the next step.</summary>
    public IReadOnlyDictionary<Parameter, Tensor> Directions => _directions;

    /// <summary>Damping of the product at this step.</summary>
    public double Lambda { get; private set; }

    /// <summary>Whether products whose results are directions as they are may be left to the rule.</summary>
    public bool LeavesProducts { get; private set; }

    /// <summary>Forgets the last step and begins another.</summary>
    public void Begin(double lambda, bool leavesProducts)
    {
        Lambda = lambda;
        LeavesProducts = leavesProducts;
        _left.Clear();
        _projections.Clear();
        _between.Clear();
        _returns.Clear();
        _products.Clear();
        _others.Clear();
        _after.Clear();
        _directions.Clear();
    }

    /// <summary>A product of tiles.</summary>
    public void Add(in TileProduct product) => _products.Add(product);

    /// <summary>A product of tiles that is left to the rule; its result is (a part of) the parameter.</summary>
    public void Leave(Parameter parameter, in TileProduct product)
    {
        if (!_left.TryGetValue(parameter, out List<TileProduct>? products))
        {
            products = [];
            _left.Add(parameter, products);
        }

        products.Add(product);
    }

    /// <summary>What was left of a parameter; null if its direction is made or there is none.</summary>
    public IReadOnlyList<TileProduct>? LeftOf(Parameter parameter) => _left.GetValueOrDefault(parameter);

    /// <summary>A gradient into a basis, what is to be done with it there, and back. The direction is to be added too.</summary>
    public void Rotate(in TileProduct projection, Action between, in TileProduct back)
    {
        _projections.Add(projection);
        _between.Add(between);
        _returns.Add(back);
    }

    /// <summary>A direction that is known already, or after <see cref="Rotate"/>.</summary>
    public void Add(Tensor direction, Tensor gradient) => _others.Add((direction, gradient));

    /// <summary>What is to be done once the products are there.</summary>
    public void AfterProducts(Action action) => _after.Add(action);

    /// <summary>Lets a parameter step along a tensor of its shape.</summary>
    public void Direct(Parameter parameter, Tensor direction) => _directions[parameter] = direction;

    /// <summary>Does what was collected.</summary>
    /// <param name="backend">The device of all layers.</param>
    /// <param name="innerProducts">Whether to return the inner product of each direction with its gradient.</param>
    /// <returns>A tensor of rank 1 on the device, if asked for and there are directions; else null.</returns>
    public Tensor? Run(Backend backend, bool innerProducts)
    {
        int count = _products.Count + _others.Count;
        if (count == 0)
        {
            return null;
        }

        Tensor? parts = innerProducts ? Tensor.Empty([count], (_products.Count > 0 ? _products[0].Gradient : _others[0].Gradient).DType, backend.Device) : null;
        if (_projections.Count > 0)
        {
            backend.TilePrecondition(CollectionsMarshal.AsSpan(_projections));
            foreach (Action action in _between)
            {
                action();
            }

            backend.TilePrecondition(CollectionsMarshal.AsSpan(_returns));
        }

        if (_products.Count > 0)
        {
            backend.TilePrecondition(CollectionsMarshal.AsSpan(_products), parts?.Slice(0, 0, _products.Count));
        }

        foreach (Action action in _after)
        {
            action();
        }

        for (int i = 0; parts is not null && i < _others.Count; i++)
        {
            Tensor product = (_others[i].Direction * _others[i].Gradient).Reshape(-1);
            backend.Reduce(ReduceOperation.Sum, product, parts.Slice(0, _products.Count + i, 1));
        }

        return parts;
    }
}
