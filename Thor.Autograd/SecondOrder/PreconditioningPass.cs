using System.Runtime.InteropServices;
using Thor.Engine;
using Thor.Engine.Backends;
using Thor.Kernels;

namespace Thor.Autograd.SecondOrder;

/// <summary>One step's preconditioning, collected over all layers so that a device does it in one launch, and read back at most once.</summary>
internal sealed class PreconditioningPass
{
    private readonly List<TileProduct> _products = [];
    private readonly List<double> _productScales = [];
    private readonly List<(Tensor Direction, Tensor Gradient, double Scale)> _others = [];
    private readonly List<Action> _after = [];
    private readonly Dictionary<Parameter, (Tensor Direction, double Scale)> _directions = [];

    /// <summary>What takes the place of each parameter's gradient, and what it is to be multiplied by. Valid until the next step.</summary>
    public IReadOnlyDictionary<Parameter, (Tensor Direction, double Scale)> Directions => _directions;

    /// <summary>Damping of the product at this step.</summary>
    public double Lambda { get; private set; }

    /// <summary>Forgets the last step and begins another.</summary>
    public void Begin(double lambda)
    {
        Lambda = lambda;
        _products.Clear();
        _productScales.Clear();
        _others.Clear();
        _after.Clear();
        _directions.Clear();
    }

    /// <summary>A product of tiles; the direction is scale times its result.</summary>
    public void Add(in TileProduct product, double scale)
    {
        _products.Add(product);
        _productScales.Add(scale);
    }

    /// <summary>A direction that is known already.</summary>
    public void Add(Tensor direction, Tensor gradient, double scale = 1) => _others.Add((direction, gradient, scale));

    /// <summary>What is to be done once the products are there.</summary>
    public void AfterProducts(Action action) => _after.Add(action);

    /// <summary>Lets a parameter step along scale times a tensor of its shape.</summary>
    public void Direct(Parameter parameter, Tensor direction, double scale = 1) => _directions[parameter] = (direction, scale);

    /// <summary>Does what was collected.</summary>
    /// <param name="backend">The device of all layers.</param>
    /// <param name="innerProduct">Whether to return the inner product of all directions with their gradients, which waits for the device; else 0.</param>
    public double Run(Backend backend, bool innerProduct)
    {
        int count = _products.Count + _others.Count;
        if (count == 0)
        {
            return 0;
        }

        Tensor? parts = innerProduct ? Tensor.Empty([count], (_products.Count > 0 ? _products[0].Gradient : _others[0].Gradient).DType, backend.Device) : null;
        if (_products.Count > 0)
        {
            backend.TilePrecondition(CollectionsMarshal.AsSpan(_products), parts?.Slice(0, 0, _products.Count));
        }

        foreach (Action action in _after)
        {
            action();
        }

        return parts is null ? 0 : InnerProduct(backend, parts);
    }

    private double InnerProduct(Backend backend, Tensor parts)
    {
        for (int i = 0; i < _others.Count; i++)
        {
            Tensor product = (_others[i].Direction * _others[i].Gradient).Reshape(-1);
            backend.Reduce(ReduceOperation.Sum, product, parts.Slice(0, _products.Count + i, 1));
        }

        double sum = 0;
        double[] values = parts.Cast(DType.Float64).ToArray<double>();
        for (int i = 0; i < values.Length; i++)
        {
            sum += values[i] * (i < _products.Count ? _productScales[i] : _others[i - _products.Count].Scale);
        }

        return sum;
    }
}
